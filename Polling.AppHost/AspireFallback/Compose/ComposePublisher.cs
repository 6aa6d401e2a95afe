using Polling.AppHost.Startup;

namespace Polling.AppHost.AspireFallback.Compose;

/// <summary>
/// Writes the composition as a Compose file, as Aspire.Hosting.Docker does: <c>--operation publish --step publish --output-path DIR</c> makes
/// <c>docker-compose.yaml</c> and <c>.env</c> in the folder. No container runtime is needed.
/// </summary>
internal sealed class ComposePublisher(string folder)
{
    private const string Project = "polling";

    public async Task PublishAsync(IEnumerable<IResource> resources, CancellationToken cancellationToken)
    {
        var values = new PublishedValues();
        var services = new List<Service>();
        foreach (var resource in resources.OfType<IPublishable>())
        {
            var service = await resource.DescribeAsync(values);
            foreach (var customize in resource.Customizations)
            {
                customize(service);
            }

            services.Add(service);
        }

        var file = Path.Combine(folder, "docker-compose.yaml");
        var env = Path.Combine(folder, ".env");
        IReadOnlyList<string> missing;
        try
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(file, ComposeFile.Write(Project, services), cancellationToken);
            missing = await EnvFile.CompleteAsync(env, values, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the Compose file cannot be written ({error.Message}): set --output-path to a folder that can", error);
        }

        Console.WriteLine($"{file} is written.");
        Console.WriteLine(missing.Count == 0 ? $"{env} has all that it needs." : $"{env} is yours to fill in: {string.Join(", ", missing)}.");
    }
}
