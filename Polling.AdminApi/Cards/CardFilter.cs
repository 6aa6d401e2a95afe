using Polling.AdminApi.Http;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;

namespace Polling.AdminApi.Cards;

/// <summary>Which cards a list shows, and which part of them.</summary>
internal sealed record CardFilter
{
    public const int PageSizeDefault = 20;
    public const int PageSizeMax = 1000;

    /// <summary>How deep pages go: PostgreSQL reads and drops all rows before a page. Beyond, after_id is the way.</summary>
    public const int DepthMax = 100_000;

    public const string IccidRule = "1 to 20 characters, each 0-9 or A-F";

    public required CardCondition Condition { get; init; }

    public long? AfterId { get; init; }

    public int Page { get; init; } = 1;

    public int PageSize { get; init; } = PageSizeDefault;

    /// <summary>Reads the query string; what is wrong with it stands in <paramref name="parameters"/> then.</summary>
    public static CardFilter Read(Parameters parameters)
    {
        var page = parameters.Number("page", 1, DepthMax);
        var filter = new CardFilter
        {
            Condition = new CardCondition
            {
                IccidPrefix = parameters.Text("iccid", Prefix, IccidRule),
                Msisdn = parameters.Text("msisdn", CardNumbers.Msisdn, CardNumbers.MsisdnRule),
                CarrierId = parameters.Number("carrier_id", 1, int.MaxValue),
                AccountId = parameters.Number("account_id", 1, CarrierAccount.IdMax),
                Status = (CardStatus?)parameters.Number<short>("status", 0, 3),
                RealNameStatus = (RealNameStatus?)parameters.Number<short>("real_name_status", 0, 1),
                PackageId = parameters.Number("package_id", 1, PollingConfig.PackageIdMax),
                PoolId = parameters.Number("pool_id", 1, int.MaxValue),
            },
            AfterId = parameters.Number("after_id", 0, Card.IdMax),
            Page = page ?? 1,
            PageSize = parameters.Number("page_size", 1, PageSizeMax) ?? PageSizeDefault,
        };
        if (page is not null && filter.AfterId is not null)
        {
            parameters.Refuse("page", $"{page}", "left out when after_id is given");
        }
        else if ((long)filter.Page * filter.PageSize > DepthMax)
        {
            parameters.Refuse("page", $"{page}", $"at most {DepthMax / filter.PageSize} with this page_size; use after_id to read further");
        }

        return filter;
    }

    public static string? Prefix(string text) =>
        text.Length is > 0 and <= Iccid.LengthMax && text.All(char.IsAsciiHexDigit) ? text.ToUpperInvariant() : null;
}
