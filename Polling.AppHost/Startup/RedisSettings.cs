namespace Polling.AppHost.Startup;

/// <summary>What Redis is told.</summary>
internal static class RedisSettings
{
    /// <summary>Every write goes to the append-only file, and nothing is ever evicted. The fallback's local server is started so anyway.</summary>
    public static IResourceBuilder<RedisResource> WithDurability(this IResourceBuilder<RedisResource> builder)
    {
#if ASPIRE_PACKAGES
        builder.WithArgs(context =>
        {
            if (context.ExecutionContext.IsRunMode)
            {
                foreach (var argument in (string[])["--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"])
                {
                    context.Args.Add(argument);
                }
            }
            else
            {
                // What is published is a command line for a shell; further arguments would be the shell's.
                context.Args[^1] = $"{context.Args[^1]} --save '' --appendonly yes --appendfsync everysec --maxmemory-policy noeviction";
            }
        });
#endif
        return builder;
    }
}
