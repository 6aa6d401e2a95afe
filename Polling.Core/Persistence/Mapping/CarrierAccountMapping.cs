using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Carriers;
using Polling.Core.Suspensions;

namespace Polling.Core.Persistence.Mapping;

internal sealed class CarrierAccountMapping : IEntityTypeConfiguration<CarrierAccount>
{
    public void Configure(EntityTypeBuilder<CarrierAccount> builder)
    {
        builder.ToTable("tb_carrier_account", table =>
        {
            table.HasCheckConstraint("ck_tb_carrier_account_id", $"id BETWEEN 1 AND {CarrierAccount.IdMax}");
            table.HasCheckConstraint(
                "ck_tb_carrier_account_cards_per_call", $"cards_per_call BETWEEN 1 AND {CarrierAccount.CardsPerCallMax}");
            table.HasCheckConstraint(
                "ck_tb_carrier_account_budget", "calls_per_second >= 1 AND max_in_flight >= 1 AND weight >= 1");
            table.HasCheckConstraint("ck_tb_carrier_account_long_quotas", "calls_per_5_minutes >= 1 AND calls_per_month >= 1");
            table.HasCheckConstraint(
                "ck_tb_carrier_account_billing_cycle_day", $"billing_cycle_day BETWEEN 1 AND {CarrierAccount.BillingCycleDayMax}");
            table.HasCheckConstraint("ck_tb_carrier_account_status", "status IN (0, 1)");
            table.HasCheckConstraint(
                "ck_tb_carrier_account_suspension",
                "usage_freshness_seconds > 0 AND suspensions_max > 0 AND suspensions_percent_max > 0 AND suspension_window_seconds > 0");
        });
        builder.Property(account => account.Id).HasIdentityOptions(maxValue: CarrierAccount.IdMax);
        builder.Property(account => account.Code).HasMaxLength(Carrier.CodeLengthMax);
        builder.Property(account => account.Name).HasMaxLength(100);
        builder.Property(account => account.BaseUrl).HasMaxLength(500);
        builder.Property(account => account.Weight).HasDefaultValue(100);
        builder.Property(account => account.TimeZone).HasMaxLength(CarrierAccount.TimeZoneLengthMax).HasDefaultValue(CarrierAccount.DefaultTimeZone);
        builder.Property(account => account.CallsPer5Minutes).HasColumnName("calls_per_5_minutes");
        builder.Property(account => account.BillingCycleDay).HasDefaultValue((short)1);
        builder.Property(account => account.MaintenanceWindows).HasColumnType("text[]").HasDefaultValueSql("'{}'");
        builder.Property(account => account.Status).HasConversion<short>();
        builder.Property(account => account.Dialect)
            .HasConversion(dialect => dialect.Name(), name => CarrierDialects.Find(name) ?? CarrierDialect.Plain).HasDefaultValueSql("'plain'")
            .ValueGeneratedNever();
        builder.Property(account => account.AppId).HasMaxLength(CarrierAccount.CredentialLengthMax);
        builder.Property(account => account.AppSecret).HasMaxLength(CarrierAccount.CredentialLengthMax);
        builder.Property(account => account.UsageFreshnessSeconds).HasDefaultValue(CarrierAccount.UsageFreshnessSecondsDefault);

        // The default is for rows that are inserted by hand: without ValueGeneratedNever an account that is to begin as "off" would take it, too.
        builder.Property(account => account.SuspensionMode)
            .HasConversion(mode => mode.Name(), name => SuspensionModes.Find(name) ?? SuspensionMode.Off).HasDefaultValueSql("'on'")
            .ValueGeneratedNever();
        builder.Property(account => account.SuspensionsMax).HasDefaultValue(CarrierAccount.SuspensionsMaxDefault);
        builder.Property(account => account.SuspensionWindowSeconds).HasDefaultValue(CarrierAccount.SuspensionWindowSecondsDefault);
        builder.Property(account => account.RowVersion).HasDefaultValue(1L);
        builder.Property(account => account.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(account => account.UpdatedAt).HasDefaultValueSql("now()");
        builder.HasIndex(account => account.Code).IsUnique();

        // Cards refer to account and carrier together, so that a card cannot name an account of another carrier.
        builder.HasAlternateKey(account => new { account.CarrierId, account.Id });
        builder.HasOne<Carrier>().WithMany().HasForeignKey(account => account.CarrierId).OnDelete(DeleteBehavior.Restrict);
    }
}
