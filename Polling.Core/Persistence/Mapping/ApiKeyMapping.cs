using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Access;

namespace Polling.Core.Persistence.Mapping;

internal sealed class ApiKeyMapping : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.ToTable("tb_api_key");
        builder.Property(key => key.Scope).HasConversion(scope => scope.Name(), name => ApiScopes.Find(name) ?? ApiScope.Read);
        builder.HasIndex(key => key.Hash).IsUnique();
        builder.HasIndex(key => key.Name).IsUnique().HasFilter("revoked_at IS NULL");
    }
}
