using System.Globalization;
using CsCheck;
using Polling.AppHost.LocalServers;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Model;

/// <summary>
/// A model of the queue against the real scripts: random operations, up to three at the same time, each run from an empty Redis. A failure is
/// shrunk and tells its seed; <c>MODEL_SEED</c> replays it, <c>MODEL_OPERATIONS</c> sets how many operations there are.
/// </summary>
public class ModelTests(Engines engines, ITestOutputHelper output)
{
    private const int StepsPerRun = 120;

    private static readonly (int Weight, Verb Verb)[] Verbs =
    [
        (10, Verb.Wait), (2, Verb.WaitLong), (14, Verb.Promote), (14, Verb.Claim), (3, Verb.ClaimTwice), (2, Verb.ClaimAndDie), (8, Verb.Acquire),
        (6, Verb.Report), (5, Verb.Release), (3, Verb.Renew), (14, Verb.Complete), (4, Verb.CompleteAny), (3, Verb.Return), (6, Verb.Place),
        (5, Verb.Request), (1, Verb.Discharge), (2, Verb.ChangeAccount), (2, Verb.ChangePermits), (2, Verb.Damage), (1, Verb.FlushScripts),
    ];

    private static readonly Gen<Operation> AnyOperation = Gen.Select(
        Gen.Frequency([.. Verbs.Select(v => (v.Weight, (IGen<Verb>)Gen.Const(v.Verb)))]), Gen.Int[0, 999], Gen.Int[0, 999], (verb, a, b) => new Operation(verb, a, b));

    private static readonly Gen<Operation[][]> AnyRun = AnyOperation.Array[1, 3].Array[StepsPerRun];

    [Theory, InlineData(RedisEngine.Redis, 20_000), InlineData(RedisEngine.Valkey, 5_000), InlineData(RedisEngine.Garnet, 5_000)]
    public Task The_scripts_do_as_the_model_says(RedisEngine engine, int operations) => CheckAsync(engine, operations);

    [Theory, Trait("Category", "Long"), InlineData(RedisEngine.Redis, 1_000_000)]
    public Task The_scripts_do_as_the_model_says_a_million_times(RedisEngine engine, int operations) => CheckAsync(engine, operations);

    private async Task CheckAsync(RedisEngine engine, int operations)
    {
        _ = await engines.ConnectAsync(engine);
        if (int.TryParse(Environment.GetEnvironmentVariable("MODEL_OPERATIONS"), CultureInfo.InvariantCulture, out var given))
        {
            operations = given;
        }

        var (runs, done) = (operations / (StepsPerRun * 2) + 1, new Dictionary<Verb, int>());
        await AnyRun.SampleAsync(
            async steps =>
            {
                foreach (var operation in steps.SelectMany(step => step))
                {
                    done[operation.Verb] = done.GetValueOrDefault(operation.Verb) + 1;
                }

                await ModelRun.RunAsync(engines, engine, steps);
            },
            writeLine: output.WriteLine, seed: Environment.GetEnvironmentVariable("MODEL_SEED"), iter: runs, threads: 1,
            print: steps => string.Join('\n', steps.Select(step => string.Join(" beside ", step))));
        output.WriteLine($"{engine}: {done.Values.Sum()} operations: {string.Join(", ", done.OrderBy(d => d.Key).Select(d => $"{d.Key} {d.Value}"))}");
        Assert.True(done.Values.Sum() >= operations);
        Assert.Equal(Verbs.Length, done.Count);
    }
}
