using Polling.Benchmarks.Words;

return await Kit.RunAsync(args);
