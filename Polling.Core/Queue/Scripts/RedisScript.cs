namespace Polling.Core.Queue.Scripts;

/// <summary>A Lua script with its includes resolved.</summary>
/// <param name="Verb">What it does; also the name of its span.</param>
/// <param name="FixedKeys">The number in its file name: keys that it always takes. More may follow, as its head says.</param>
/// <param name="Body">Text as Redis gets it.</param>
/// <param name="Hash">SHA-1 of the text, for EVALSHA.</param>
public sealed record RedisScript(string Verb, int FixedKeys, string Body, byte[] Hash);
