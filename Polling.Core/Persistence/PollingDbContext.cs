using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
using Polling.Core.Access;
using Polling.Core.Alerts;
using Polling.Core.Alerts.Evaluation;
using Polling.Core.Alerts.Rules;
using Polling.Core.AuditLog;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Cleanup;
using Polling.Core.Configuration;
using Polling.Core.ManualTriggers;
using Polling.Core.Packages;
using Polling.Core.Persistence.Results;
using Polling.Core.Suspensions;
using Polling.Core.Usage;

namespace Polling.Core.Persistence;

/// <summary>The truth in PostgreSQL. For what comes in thousands, use the data source and COPY instead.</summary>
/// <remarks>Needs nothing but a connection of its options, so every process may register it as it likes, pooled or not.</remarks>
public sealed class PollingDbContext(DbContextOptions<PollingDbContext> options) : DbContext(options)
{
    /// <summary>The sequence that epochs of fencing tokens come from.</summary>
    public const string EpochSequence = "polling_epoch_seq";

    public DbSet<Carrier> Carriers => Set<Carrier>();

    public DbSet<CarrierAccount> CarrierAccounts => Set<CarrierAccount>();

    public DbSet<AccountMonthUse> AccountMonthUses => Set<AccountMonthUse>();

    public DbSet<Card> Cards => Set<Card>();

    public DbSet<CardPoll> CardPolls => Set<CardPoll>();

    public DbSet<RealNameRecord> RealNameRecords => Set<RealNameRecord>();

    public DbSet<UsageRecord> UsageRecords => Set<UsageRecord>();

    public DbSet<CardPackage> CardPackages => Set<CardPackage>();

    public DbSet<UsageCycle> UsageCycles => Set<UsageCycle>();

    public DbSet<UsageDay> UsageDays => Set<UsageDay>();

    public DbSet<Package> Packages => Set<Package>();

    public DbSet<UsagePool> UsagePools => Set<UsagePool>();

    public DbSet<UsagePoolCycle> UsagePoolCycles => Set<UsagePoolCycle>();

    public DbSet<PackageAddon> PackageAddons => Set<PackageAddon>();

    public DbSet<Suspension> Suspensions => Set<Suspension>();

    public DbSet<CardStop> CardStops => Set<CardStop>();

    public DbSet<SuspensionExemption> SuspensionExemptions => Set<SuspensionExemption>();

    public DbSet<SuspensionBreaker> SuspensionBreakers => Set<SuspensionBreaker>();

    public DbSet<PoisonResult> PoisonResults => Set<PoisonResult>();

    public DbSet<CleanupConfig> CleanupConfigs => Set<CleanupConfig>();

    public DbSet<CleanupRun> CleanupRuns => Set<CleanupRun>();

    public DbSet<ManualTrigger> ManualTriggers => Set<ManualTrigger>();

    public DbSet<ManualItem> ManualItems => Set<ManualItem>();

    public DbSet<PollingConfig> PollingConfigs => Set<PollingConfig>();

    public DbSet<ConcurrencyConfig> ConcurrencyConfigs => Set<ConcurrencyConfig>();

    public DbSet<AlertRule> AlertRules => Set<AlertRule>();

    public DbSet<AlertState> AlertStates => Set<AlertState>();

    public DbSet<AlertHistoryEntry> AlertHistory => Set<AlertHistoryEntry>();

    public DbSet<AlertDelivery> AlertDeliveries => Set<AlertDelivery>();

    public DbSet<AuditEntry> AuditLog => Set<AuditEntry>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    // Indexes are declared where a query needs one, not for each foreign key.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Conventions.Remove<ForeignKeyIndexConvention>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasSequence<long>(EpochSequence);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PollingDbContext).Assembly);
        SnakeCase.Apply(modelBuilder.Model);
    }
}
