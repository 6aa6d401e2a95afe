using System.Globalization;
using System.Text.Json;
using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

// Arguments: Redis, name of the claimer, number of claims, most calls a claim. Writes "ready", waits for a line, claims, asks for every
// claim a second time, and writes one line of JSON for each claim: the calls of the first answer and those of the replay.
var culture = CultureInfo.InvariantCulture;
var (executor, claims, callsMax) = (args[1], int.Parse(args[2], culture), int.Parse(args[3], culture));
await using var redis = await ConnectionMultiplexer.ConnectAsync(args[0]);
var scripts = new ClaimScripts(new ScriptRunner(redis, new ScriptLibrary()), new RedisKeys(KeyLayout.Contract));
await Console.Out.WriteLineAsync("ready");
if (await Console.In.ReadLineAsync() is null)
{
    return 1;
}

for (var sequence = 1; sequence <= claims; sequence++)
{
    var first = await ClaimAsync(sequence);
    var replay = await ClaimAsync(sequence);
    await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new { first, replay }));
}

return 0;

async Task<string[]> ClaimAsync(int sequence)
{
    var reply = await scripts.ClaimAsync(
        TaskType.Realname, executor, sequence, callsMax, lease: TimeSpan.FromSeconds(60), permit: TimeSpan.FromSeconds(50));
    return [.. reply.Calls.Select(call => $"{call.Id}|{string.Join(' ', call.Cards.Select(card => card.CardId.ToString(culture)))}")];
}
