using System.Globalization;
using CsCheck;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Model;

/// <summary>
/// A model of the queue against the real scripts: random operations, each run of them from an empty Redis. The first failure ends the test and
/// tells the seed of its run and the steps that led to it: <c>MODEL_SEED</c> replays that run alone, <c>MODEL_OPERATIONS</c> sets how many
/// operations there are.
/// </summary>
/// <remarks>
/// Two runs of three do one operation after the other and replay exactly; in the third up to three race, so that its replay may need to be repeated.
/// </remarks>
public class ModelTests(Engines engines, ITestOutputHelper output)
{
    private const int StepsPerRun = 120;

    private static readonly (int Weight, Verb Verb)[] Verbs =
    [
        (10, Verb.Wait), (2, Verb.WaitLong), (14, Verb.Promote), (14, Verb.Claim), (3, Verb.ClaimTwice), (2, Verb.ClaimAndDie), (8, Verb.Acquire),
        (6, Verb.Report), (5, Verb.Release), (3, Verb.Renew), (14, Verb.Complete), (4, Verb.CompleteAny), (3, Verb.Return), (6, Verb.Place),
        (5, Verb.Request), (2, Verb.Cancel), (1, Verb.Discharge), (2, Verb.ChangeAccount), (2, Verb.ChangePermits), (2, Verb.Damage), (1, Verb.FlushScripts),
        (2, Verb.ChangeIntervals), (2, Verb.Move), (4, Verb.MoveAll),
    ];

    private static readonly Gen<Operation> AnyOperation = Gen.Select(
        Gen.Frequency([.. Verbs.Select(v => (v.Weight, (IGen<Verb>)Gen.Const(v.Verb)))]), Gen.Int[0, 999], Gen.Int[0, 999], (verb, a, b) => new Operation(verb, a, b));

    private static readonly Gen<Operation[][]> AnyRun = Gen.Frequency(
        (2, (IGen<Operation[][]>)AnyOperation.Array[1].Array[2 * StepsPerRun]), (1, AnyOperation.Array[1, 3].Array[StepsPerRun]));

    [Theory, InlineData(Engine.Redis, 20_000), InlineData(Engine.Valkey, 5_000), InlineData(Engine.Garnet, 5_000), InlineData(Engine.RedisCluster, 2_000)]
    public Task The_scripts_do_as_the_model_says(Engine engine, int operations) => CheckAsync(engine, operations);

    [Theory, Trait("Category", "Long"), InlineData(Engine.Redis, 1_000_000)]
    public Task The_scripts_do_as_the_model_says_a_million_times(Engine engine, int operations) => CheckAsync(engine, operations);

    private async Task CheckAsync(Engine engine, int operations)
    {
        _ = await engines.ConnectAsync(engine);
        if (int.TryParse(Environment.GetEnvironmentVariable("MODEL_OPERATIONS"), CultureInfo.InvariantCulture, out var given))
        {
            operations = given;
        }

        var replay = Environment.GetEnvironmentVariable("MODEL_SEED");
        var random = replay is null ? PCG.ThreadPCG : PCG.Parse(replay);
        var verbs = new Dictionary<Verb, int>();
        while (verbs.Values.Sum() < operations)
        {
            var seed = random.ToString();
            var steps = AnyRun.Generate(random, null, out _);
            foreach (var operation in steps.SelectMany(step => step))
            {
                verbs[operation.Verb] = verbs.GetValueOrDefault(operation.Verb) + 1;
            }

            try
            {
                await ModelRun.RunAsync(engines, engine, steps);
            }
            catch (ModelException e)
            {
                Assert.Fail($"MODEL_SEED={seed} replays this on {engine}: {e.Message}");
            }

            if (replay is not null)
            {
                output.WriteLine($"{engine}: the run of MODEL_SEED={seed} passed");
                return;
            }
        }

        output.WriteLine($"{engine}: {verbs.Values.Sum()} operations: {string.Join(", ", verbs.OrderBy(d => d.Key).Select(d => $"{d.Key} {d.Value}"))}");
        Assert.Equal(Verbs.Length, verbs.Count);
    }
}
