using Polling.MockGateway;

return await StartupGuard.RunAsync(() => MockGatewayApp.Build(args));
