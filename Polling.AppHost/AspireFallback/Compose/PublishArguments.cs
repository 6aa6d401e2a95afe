using Microsoft.Extensions.Configuration;
using Polling.AppHost.Startup;

namespace Polling.AppHost.AspireFallback.Compose;

/// <summary>Whether the system is to be published instead of run, and where to; the words are Aspire's.</summary>
internal static class PublishArguments
{
    private const string Usage = "--operation publish --step publish --output-path DIR";
    private static readonly string[] Known = ["operation", "step", "output-path", "publisher"];

    /// <returns>The absolute path of the folder, or <c>null</c>: it is to be run.</returns>
    /// <exception cref="StartException">What is asked for needs the genuine packages, or makes no sense.</exception>
    public static string? Folder(string[] args)
    {
        var given = new ConfigurationBuilder().AddCommandLine(args).Build();
        if (!Known.Any(word => given[word] is not null) || given["operation"]?.ToUpperInvariant() == "RUN")
        {
            return null;
        }

        if (given["publisher"] is { } publisher)
        {
            throw new StartException(
                $"--publisher {publisher} needs the genuine Aspire packages, which this build's package feed lacks; without them there is {Usage}");
        }

        if (given["operation"]?.ToUpperInvariant() != "PUBLISH" || given["step"]?.ToUpperInvariant() != "PUBLISH")
        {
            throw new StartException(
                $"--operation {given["operation"]} --step {given["step"]} needs the genuine Aspire packages, which this build's package feed lacks; without them there is {Usage}");
        }

        return given["output-path"] is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : throw new StartException($"--output-path is missing: name the folder for the Compose file, {Usage}");
    }
}
