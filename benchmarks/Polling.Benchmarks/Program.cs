using Polling.Benchmarks.Engine;
using Polling.TestServers;
using Polling.AppHost.LocalServers;
using StackExchange.Redis;

await using var server = await TestRedis.StartAsync(RedisEngine.Redis);
await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
var queue = new EngineQueue(redis);
var cards = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1_000_000;
foreach (var perCall in new[] { 100, 1 })
{
    var interval = TimeSpan.FromSeconds(perCall == 1 ? 12 : 5);
    await queue.PublishAsync(perCall, interval);
    await queue.PlaceAsync(Polling.Core.Configuration.TaskType.Realname, cards, interval);
    await queue.Redis.ExecuteAsync("CONFIG", "SET", "slowlog-log-slower-than", Environment.GetEnvironmentVariable("SLOW") ?? "-1");
    await queue.Redis.ExecuteAsync("CONFIG", "SET", "slowlog-max-len", "40000");
    var run = await new Cycle(queue).RunAsync(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10));
    Console.WriteLine($"{perCall}: {run.CardsPerSecond:F0} cards/s, Redis {run.ServerMicrosecondsPerCard:F2} us/card, client {run.ClientCpu.TotalMicroseconds / run.Cards:F2} us/card, {run.Cards / (double)run.Calls:F1} cards a call");
    var names = new Polling.Core.Queue.Scripts.ScriptLibrary().Scripts.ToDictionary(s => Convert.ToHexString(s.Hash).ToLowerInvariant(), s => s.Verb);
    foreach (var g in (await queue.Server.SlowlogGetAsync(40000)).GroupBy(e => e.Arguments.Length > 1 && e.Arguments[0] == "EVALSHA" ? names.GetValueOrDefault((string)e.Arguments[1]!, "?") : (string)e.Arguments[0]!))
    {
        Console.WriteLine($"   {g.Key}: {g.Count()} x {g.Average(e => e.Duration.TotalMicroseconds):F1} us = {g.Sum(e => e.Duration.TotalMicroseconds):F0}");
    }
}
