namespace Polling.AppHost.AspireFallback.Compose;

/// <summary>Services and the volumes that they name, as Compose reads them.</summary>
internal static class ComposeFile
{
    private const string NamedVolume = "volume";

    public static string Write(string project, IReadOnlyList<Service> services)
    {
        var volumes = services.SelectMany(service => service.Volumes).Where(volume => volume.Type == NamedVolume).Select(volume => volume.Name).Distinct();
        return Yaml.Write(new()
        {
            ["name"] = project,
            ["services"] = Map(services, service => service.Name, service => Of(service)),
            ["volumes"] = Map(volumes, volume => volume, volume => new OrderedDictionary<string, object?> { ["name"] = $"{project}-{volume}" }),
        });
    }

    private static OrderedDictionary<string, object?> Of(Service service) => new()
    {
        ["image"] = service.Image,
        ["user"] = service.User,
        ["entrypoint"] = service.Entrypoint,
        ["command"] = service.Command,
        ["environment"] = Map(service.Environment, variable => variable.Key, variable => variable.Value),
        ["ports"] = service.Ports,
        ["expose"] = service.Expose,
        ["volumes"] = service.Volumes.Select(volume => $"{volume.Source}:{volume.Target}"),
        ["depends_on"] = Map(
            service.DependsOn, other => other.Key, other => new OrderedDictionary<string, object?> { ["condition"] = other.Value.Condition }),
        ["healthcheck"] = service.Healthcheck is not { } check ? null : new OrderedDictionary<string, object?>
        {
            ["test"] = check.Test,
            ["interval"] = check.Interval,
            ["timeout"] = check.Timeout,
            ["retries"] = check.Retries,
            ["start_period"] = check.StartPeriod,
        },
        ["deploy"] = new OrderedDictionary<string, object?> { ["replicas"] = service.Deploy?.Replicas },
        ["restart"] = service.Restart,
        ["stop_grace_period"] = service.StopGracePeriod,
        ["read_only"] = service.ReadOnly,
        ["tmpfs"] = service.Tmpfs,
        ["shm_size"] = service.ShmSize,
        ["cap_drop"] = service.CapDrop,
        ["security_opt"] = service.SecurityOpt,
    };

    private static OrderedDictionary<string, object?> Map<T>(IEnumerable<T> items, Func<T, string> key, Func<T, object?> value)
    {
        var map = new OrderedDictionary<string, object?>();
        foreach (var item in items)
        {
            map[key(item)] = value(item);
        }

        return map;
    }
}
