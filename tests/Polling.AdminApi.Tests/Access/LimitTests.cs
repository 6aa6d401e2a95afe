namespace Polling.AdminApi.Tests.Access;

/// <summary>Who asks too fast is told when to come again, and slows nobody else down.</summary>
[Collection(nameof(AccessSystem))]
public sealed class LimitTests(AccessSystem system)
{
    private const string Anything = "/api/admin/carriers";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_hasty_key_is_told_to_wait_and_others_are_not()
    {
        var hasty = await system.MakeKeyAsync("hasty", "read");
        var asked = Task.WhenAll(Enumerable.Range(0, 8 * AccessSystem.KeyRequestsAtOnce).Select(_ => system.GetAsync(hasty, Anything)));
        Assert.Equal(200, (await system.GetAsync(system.Read, Anything)).Status);
        AssertLimited(await asked, 200, AccessSystem.KeyRequestsAtOnce);
        Assert.Equal(200, (await system.GetAsync(system.Read, Anything)).Status);
        await PollingSystem.UntilAsync(Patience, async () => (await system.GetAsync(hasty, Anything)).Status == 200);
    }

    [Fact]
    public async Task Who_guesses_keys_is_told_to_wait_and_who_has_one_is_not()
    {
        var asked = Task.WhenAll(Enumerable.Range(0, 8 * AccessSystem.AnonymousPerSecond).Select(guess => system.GetAsync($"polling_{guess}", Anything)));
        Assert.Equal(200, (await system.GetAsync(system.Read, Anything)).Status);
        AssertLimited(await asked, 401, AccessSystem.AnonymousPerSecond);
        Assert.Equal((200, 200), ((await system.GetAsync(system.Read, Anything)).Status, (await system.GetAsync(null, "/health")).Status));
        await PollingSystem.UntilAsync(Patience, async () => (await system.GetAsync(null, Anything)).Status == 401);
    }

    private static void AssertLimited(IReadOnlyCollection<Answered> answers, int elseStatus, int atLeast)
    {
        Assert.InRange(answers.Count(answer => answer.Status == elseStatus), atLeast, answers.Count - 1);
        Assert.All(answers.Where(answer => answer.Status != elseStatus), answer =>
        {
            Assert.Equal((429, "Too many requests"), (answer.Status, answer.Body.Text("title")));
            Assert.InRange(answer.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        });
    }
}
