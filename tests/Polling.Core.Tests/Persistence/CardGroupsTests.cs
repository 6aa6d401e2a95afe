using Polling.Core.Capacity;
using Polling.Core.Cards;
using Polling.Core.Persistence;

namespace Polling.Core.Tests.Persistence;

public class CardGroupsTests(DatabaseFixture databases)
{
    [Fact]
    public async Task Cards_are_counted_by_what_configurations_look_at()
    {
        await using var database = await databases.MigratedAsync();
        await using var context = database.Context();
        Assert.Empty(await CardGroups.CountAsync(context, TestContext.Current.CancellationToken));

        await database.AddAccountsAsync();
        await database.ExecuteAsync(
            """
            INSERT INTO tb_card (iccid, carrier_id, account_id, status, real_name_status, package_id)
            SELECT '8986' || lpad(i::text, 16, '0'), a, a, s, r, p
            FROM (VALUES (1, 1, 1, 0, NULL, 7), (2, 1, 1, 0, 5, 3), (3, 1, 1, 1, 5, 2), (4, 2, 1, 0, NULL, 4), (5, 2, 3, 0, NULL, 1)) AS g (k, a, s, r, p, n),
                 LATERAL generate_series(k * 100, k * 100 + n - 1) AS i
            """);

        CardGroup[] expected =
        [
            new(1, CardStatus.Active, RealNameStatus.NotRealNamed, null, 7),
            new(1, CardStatus.Active, RealNameStatus.NotRealNamed, 5, 3),
            new(1, CardStatus.Active, RealNameStatus.RealNamed, 5, 2),
            new(2, CardStatus.Active, RealNameStatus.NotRealNamed, null, 4),
            new(2, CardStatus.Terminated, RealNameStatus.NotRealNamed, null, 1),
        ];
        var counted = await CardGroups.CountAsync(context, TestContext.Current.CancellationToken);
        Assert.Equal(expected.ToHashSet(), counted.ToHashSet());
        Assert.Equal(expected.Length, counted.Count);
    }
}
