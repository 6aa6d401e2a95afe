namespace Polling.Core.Persistence.Suspensions;

/// <summary>New episodes: after a changed allowance a card that was suspended for its use may be suspended again in the same cycle.</summary>
public static class Episodes
{
    /// <summary>
    /// The statement that begins a new episode for those of the cards that were suspended by a rule in their present one; others keep theirs.
    /// It belongs in the transaction that changes the allowance.
    /// </summary>
    /// <param name="cards">A query of one column, card ids.</param>
    public static string Raise(string cards) => $"""
        INSERT INTO tb_card_stop AS raised (card_id, episode, since, checked_at)
        SELECT x.card_id, x.episode + 1, now(), now()
        FROM (SELECT card_id, max(episode) AS episode FROM tb_suspension WHERE action = 1 AND rule < 4 AND card_id IN ({cards}) GROUP BY card_id) x
        ORDER BY x.card_id
        ON CONFLICT (card_id) DO UPDATE SET episode = excluded.episode WHERE raised.episode < excluded.episode
        """;
}
