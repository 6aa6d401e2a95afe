using System.Security.Cryptography;
using System.Text;

namespace Polling.AdminApi.Tests.Access;

/// <summary>API keys: nothing opens without one, each opens what its scope says, and none can be found out.</summary>
[Collection(nameof(AccessSystem))]
public sealed class KeyTests(AccessSystem system, PollingSystem open)
{
    private const string Anything = "/api/admin/polling-configs";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Who makes keys, carriers and accounts; all other changes are an operator's, all reading a reader's.
    private static readonly string[] Administrators =
    [
        "GET /api/admin/api-keys", "POST /api/admin/api-keys", "DELETE /api/admin/api-keys/{id}",
        "POST /api/admin/carriers", "POST /api/admin/carrier-accounts", "DELETE /api/admin/carrier-accounts/{id}",
    ];

    [Fact]
    public void Without_a_key_it_does_not_start_and_says_how_to_make_one()
    {
        Assert.All([(system.WithoutKey, "the environment is Production"), (system.OpenToOthers, "it listens on http://0.0.0.0")], refused =>
        {
            Assert.Equal(1, refused.Item1.ExitCode);
            var line = Assert.Single(refused.Item1.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains("create-api-key --name", line, StringComparison.Ordinal);
            Assert.Contains(refused.Item2, line, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void In_production_the_password_of_development_is_refused() => Assert.All(system.DefaultPassword, refused =>
    {
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(
            "cannot start: in the environment Production ConnectionStrings:polling must not have the password \"polling\"",
            Assert.Single(refused.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    });

    [Fact]
    public async Task The_command_makes_the_first_key_and_prints_nothing_else()
    {
        Assert.Equal((0, true), (system.Command.ExitCode, system.Command.Output.TrimEnd('\n') == system.Admin));
        Assert.Equal(51, system.Admin.Length);
        Assert.Contains("first, scope admin, until ", system.Command.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(system.Admin, system.Command.Error, StringComparison.Ordinal);
        var key = (await system.GetAsync(system.Admin, AccessSystem.Keys)).Body.GetProperty("items").EnumerateArray().First(item => item.Text("name") == "first");
        Assert.Equal(("admin", "valid", "command line"), (key.Text("scope"), key.Text("state"), key.Text("created_by")));
        Assert.InRange(key.GetProperty("expires_at").GetDateTimeOffset() - key.GetProperty("created_at").GetDateTimeOffset(), TimeSpan.FromHours(23.9), TimeSpan.FromHours(24.1));

        var refused = await Task.WhenAll(
            system.RunAsync(system.Stores(), "create-api-key", "--name", "development", "--scope", "admin"),
            system.RunAsync(system.Stores(), "create-api-key", "--name", "x", "--scope", "root"),
            system.RunAsync(system.Stores(), "create-api-key", "ops", "--scope", "admin"),
            system.RunAsync(system.Stores(), "create-api-key", "--name", "first", "--scope", "read"));
        Assert.Equal(
            ["--name is \"development\"", "--scope is \"root\"", "ops is unknown", "the name first is not revoked"],
            refused.Select((ended, index) => new[] { "--name is \"development\"", "--scope is \"root\"", "ops is unknown", "the name first is not revoked" }[index] is var what
                && ended is { ExitCode: 1, Output: "" } && ended.Error.Contains(what, StringComparison.Ordinal) ? what : $"{ended}"));
    }

    [Fact]
    public async Task Each_scope_reaches_what_it_is_for_and_no_further()
    {
        var keys = new (string? Key, int Rank)[] { (null, -1), (system.Read, 0), (system.Operate, 1), (await system.MakeKeyAsync("administrator", "admin"), 2) };
        var operations = await system.OperationsAsync();
        Assert.Empty(Administrators.Except(operations.Select(operation => $"{operation.Method} {operation.Path}")));
        foreach (var (method, path) in operations)
        {
            var needed = Administrators.Contains($"{method} {path}") ? 2 : method == "GET" ? 0 : 1;
            foreach (var (key, rank) in keys)
            {
                // Nothing that is there, and nothing that is right: who is let in changes nothing.
                var answered = await system.SendAsync(
                    key, new HttpMethod(method), path.Replace("{id}", "2147483647", StringComparison.Ordinal).Replace("{task_type}", "nothing", StringComparison.Ordinal),
                    method is "POST" or "PUT" ? """{"nonsense": 1}""" : null);
                var expected = rank < 0 ? 401 : rank < needed ? 403 : 0;
                Assert.True(
                    expected == 0 ? answered.Status is not (401 or 403 or 429) and < 500 : answered.Status == expected,
                    $"{method} {path} with rank {rank} answers {answered.Status} {answered.Text}");
                if (expected == 403)
                {
                    Assert.Contains($"needs the scope {(needed == 2 ? "admin" : "operate")}", answered.Body.Text("detail"), StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public async Task What_is_no_valid_key_is_refused_as_a_problem()
    {
        var key = system.Read;
        var wrong = new (string Name, string Value)[][]
        {
            [],
            [("Authorization", "Bearer")],
            [("Authorization", $"Bearer {key[..^1]}{(key[^1] == 'A' ? 'Q' : 'A')}")],
            [("Authorization", $"Bearer {key.ToUpperInvariant()}")],
            [("Authorization", $"Bearer {key}{new string('x', 5000)}")],
            [("Authorization", $"Basic {key}")],
            [("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"reader:{key}"))}")],
            [("Authorization", key)],
            [("Authorization", $"Bearer {key}"), ("Authorization", $"Bearer {key}")],
            [("X-Api-Key", key)],
            [("Cookie", $"Authorization=Bearer {key}")],
        };
        foreach (var headers in wrong)
        {
            var answered = await system.SendAsync(null, HttpMethod.Get, $"{Anything}?access_token={key}", headers: headers);
            Assert.Equal(
                (401, "application/problem+json", "Bearer", "An API key is needed"),
                (answered.Status, answered.Response.Content.Headers.ContentType?.MediaType, $"{answered.Response.Headers.WwwAuthenticate}", answered.Body.Text("title")));
        }

        // Who accepts no JSON, and what is not there.
        Assert.Equal(401, (await system.SendAsync(null, HttpMethod.Get, Anything, headers: ("Accept", "text/html"))).Status);
        Assert.Equal(401, (await system.GetAsync(null, "/nothing/here")).Status);
        Assert.Equal((404, 200), ((await system.GetAsync(key, "/mock/ledger")).Status, (await system.SendAsync(null, HttpMethod.Get, Anything, headers: ("authorization", $"bearer  {key} "))).Status));

        // For anybody.
        Assert.Equal([200, 200, 200], new[] { await system.GetAsync(null, "/health"), await system.GetAsync(null, "/alive"), await system.GetAsync(null, "/openapi/v1.json") }.Select(a => a.Status));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once_here_and_soon_elsewhere()
    {
        var key = await system.MakeKeyAsync("short-lived", "read");
        Assert.Equal(200, (await system.GetAsync(key, Anything)).Status);
        await PollingSystem.UntilAsync(Patience, async () => await StatusElsewhereAsync(key) == 200);
        var id = await system.AskAsync<int>("SELECT id FROM tb_api_key WHERE name = 'short-lived'");

        Assert.Equal(204, (await system.SendAsync(system.Admin, HttpMethod.Delete, $"{AccessSystem.Keys}/{id}")).Status);
        Assert.Equal(401, (await system.GetAsync(key, Anything)).Status);
        await PollingSystem.UntilAsync(Patience, async () => await StatusElsewhereAsync(key) == 401);
        Assert.Equal(204, (await system.SendAsync(system.Admin, HttpMethod.Delete, $"{AccessSystem.Keys}/{id}")).Status);

        // Its name is free again.
        Assert.NotEqual(key, await system.MakeKeyAsync("short-lived", "read"));
        Assert.Equal(409, (await system.SendAsync(system.Admin, HttpMethod.Post, AccessSystem.Keys, """{"name": "short-lived", "scope": "read"}""")).Status);
    }

    [Fact]
    public async Task An_expired_key_is_refused()
    {
        var end = DateTimeOffset.UtcNow.AddSeconds(2);
        var key = await system.MakeKeyAsync("expiring", "read", end);
        await PollingSystem.UntilAsync(Patience, async () =>
        {
            var status = (await system.GetAsync(key, Anything)).Status;
            Assert.True(status == 401 ? DateTimeOffset.UtcNow >= end : status == 200, $"{status}");
            return status == 401;
        });
        var item = (await system.GetAsync(system.Admin, AccessSystem.Keys)).Body.GetProperty("items").EnumerateArray().Single(item => item.Text("name") == "expiring");
        Assert.Equal("expired", item.Text("state"));
    }

    [Theory]
    [InlineData("""{"scope": "read"}""", "name")]
    [InlineData("""{"name": "development", "scope": "read"}""", "name")]
    [InlineData("""{"name": "Command Line", "scope": "read"}""", "name")]
    [InlineData("""{"name": "a\nb", "scope": "read"}""", "name")]
    [InlineData("""{"name": "x", "scope": "root"}""", "scope")]
    [InlineData("""{"name": "x", "scope": "read", "expires_at": "2020-01-01T00:00:00Z"}""", "expires_at")]
    [InlineData("""{"name": "x", "scope": "read", "expires_at": "2099-01-01"}""", "expires_at")]
    [InlineData("""{"name": "x", "scope": "read", "token": "mine"}""", "token")]
    public async Task What_is_wrong_with_a_new_key_is_named(string json, string field)
    {
        var refused = await system.SendAsync(system.Admin, HttpMethod.Post, AccessSystem.Keys, json);
        Assert.Equal((400, field), (refused.Status, refused.Body.Mistake().Field));
    }

    [Fact]
    public async Task The_last_key_for_administrators_cannot_be_revoked()
    {
        var first = await system.AskAsync<int>("SELECT id FROM tb_api_key WHERE name = 'first'");
        await system.AskAsync<long>("WITH u AS (UPDATE tb_api_key SET revoked_at = now() WHERE scope = 'admin' AND name <> 'first' AND revoked_at IS NULL RETURNING 1) SELECT count(*) FROM u");
        var refused = await system.SendAsync(system.Admin, HttpMethod.Delete, $"{AccessSystem.Keys}/{first}");
        Assert.Equal((409, 200), (refused.Status, (await system.GetAsync(system.Admin, AccessSystem.Keys)).Status));

        // Two administrators who revoke each other at the same moment.
        for (var round = 0; round < 5; round++)
        {
            var second = await system.MakeKeyAsync("second", "admin");
            var id = await system.AskAsync<int>("SELECT id FROM tb_api_key WHERE name = 'second' AND revoked_at IS NULL");
            var both = await Task.WhenAll(
                system.SendAsync(system.Admin, HttpMethod.Delete, $"{AccessSystem.Keys}/{id}"), system.SendAsync(second, HttpMethod.Delete, $"{AccessSystem.Keys}/{first}"));
            Assert.Single(both, answered => answered.Status == 204);
            Assert.Equal(1, await system.AskAsync<long>("SELECT count(*) FROM tb_api_key WHERE scope = 'admin' AND revoked_at IS NULL"));
            await system.AskAsync<long>("WITH u AS (UPDATE tb_api_key SET revoked_at = CASE WHEN name = 'first' THEN NULL ELSE now() END WHERE scope = 'admin' RETURNING 1) SELECT count(*) FROM u");
            await PollingSystem.UntilAsync(Patience, async () => (await system.GetAsync(system.Admin, AccessSystem.Keys)).Status == 200);
        }
    }

    [Fact]
    public async Task Neither_a_key_nor_its_hash_can_be_found_anywhere()
    {
        var key = await system.MakeKeyAsync("looked-for", "operate");
        await system.SendAsync(key, HttpMethod.Post, "/api/admin/polling-manual-trigger/by-condition", """{"task_type": "package", "iccid": "8986999999"}""");
        await system.GetAsync(key, $"{Anything}/4711");
        await system.GetAsync(system.Admin, AccessSystem.Keys);
        await system.GetAsync(system.Read, "/api/admin/audit-log?page_size=1000");
        var dump = await system.AskAsync<string>(
            """
            SELECT string_agg(query_to_xml(format('SELECT * FROM %I', table_name), true, true, '')::text, E'\n') FROM information_schema.tables
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
            """);
        Assert.Contains("looked-for", dump, StringComparison.Ordinal);
        Assert.Contains("looked-for", system.Logs, StringComparison.Ordinal);
        foreach (var token in system.Tokens)
        {
            var secret = token["polling_".Length..][5..];
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
            Assert.All([dump, system.Logs, system.Answers], text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
            Assert.All(
                [Convert.ToHexString(hash), Convert.ToBase64String(hash)],
                text => Assert.DoesNotContain(text, $"{system.Logs}{system.Answers}", StringComparison.OrdinalIgnoreCase));

            // In its own row alone, to know the key by.
            Assert.Equal(1, Count(dump, Convert.ToBase64String(hash)) + Count(dump, Convert.ToHexStringLower(hash)));
        }
    }

    private static int Count(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;

    private async Task<int> StatusElsewhereAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Anything, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        using var response = await open.Api.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
