using System.Runtime.InteropServices;

namespace Polling.AppHost.AspireFallback;

/// <summary>Turns the signals that end a program into an orderly stop.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations;

    public StopSignals(CancellationTokenSource stop)
    {
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP];
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        }))];
    }

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());
}
