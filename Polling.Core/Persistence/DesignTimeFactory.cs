using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Polling.Core.Persistence;

/// <summary>Lets <c>dotnet ef migrations add … --project Polling.Core</c> build the model; it never connects.</summary>
internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PollingDbContext>
{
    public PollingDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PollingDbContext>().UseNpgsql("Host=localhost;Database=polling;Username=polling").Options);
}
