using System.Globalization;

namespace Polling.Core.Cards.Import;

/// <summary>Turns a record into a <see cref="ImportRow"/>, or says what is wrong with it: the first fault of the row.</summary>
internal sealed class ImportRowParser(ImportHeader header, AccountDirectory accounts)
{
    private const string StatusRule = "0 or inventory, 1 or active, 2 or suspended, 3 or terminated";
    private const string RealNameRule = "0 (not real-named) or 1 (real-named)";

    private CsvRecord _record = null!;
    private RowNotice? _fault;

    /// <summary>The row, or null and its fault.</summary>
    public ImportRow? Parse(CsvRecord record, out RowNotice? fault)
    {
        _record = record;
        _fault = FaultOfWhole();
        var row = _fault is null ? ParseFields() : null;
        fault = _fault;
        return fault is null ? row : null;
    }

    private ImportRow ParseFields()
    {
        var carrier = Carrier();
        var account = carrier == 0 ? 0 : Account(carrier);
        return new ImportRow
        {
            Line = _record.Line,
            Iccid = ParseIccid(),
            CarrierId = carrier,
            AccountId = account,
            Msisdn = Number(ImportColumns.Msisdn, CardNumbers.Msisdn, CardNumbers.MsisdnRule),
            Imsi = Number(ImportColumns.Imsi, CardNumbers.Imsi, CardNumbers.ImsiRule),
            Status = Status(),
            RealNameStatus = RealName(),
            PackageId = Package(),
            PoolId = account == 0 ? null : Pool(account),
        };
    }

    private RowNotice? FaultOfWhole()
    {
        if (_record.Fault is { } fault)
        {
            return new RowNotice(_record.Line, null, Excerpt.Of(_record.Raw), fault);
        }

        for (var i = 0; i < _record.Count; i++)
        {
            if (!_record.IsText(i))
            {
                var column = i < header.Count ? header.Name(i) : null;
                var reason = _record.Bytes(i).Contains((byte)0) ? "contains a NUL byte" : "is not valid UTF-8";
                return new RowNotice(_record.Line, column, Excerpt.Of(_record.Bytes(i)), reason);
            }
        }

        var isLonger = false;
        for (var i = header.Count; i < _record.Count; i++)
        {
            isLonger |= !_record.Bytes(i).IsEmpty;
        }

        return isLonger || _record.Count < header.Count
            ? new RowNotice(
                _record.Line, null, Excerpt.Of(_record.Raw), $"has {_record.Count} fields, but the header row has {header.Count}")
            : null;
    }

    private Iccid ParseIccid()
    {
        var text = Text(ImportColumns.Iccid);
        if (!Iccid.TryParse(text, out var iccid))
        {
            Refuse(ImportColumns.Iccid, text, text.Length == 0 ? "is missing" : $"must be {Iccid.Rule}");
        }

        return iccid;
    }

    private int Carrier()
    {
        var text = Text(ImportColumns.Carrier);
        var id = accounts.Carrier(text, out var reason);
        if (id is null)
        {
            Refuse(ImportColumns.Carrier, text, text.Length == 0 ? "is missing" : reason!);
        }

        return id ?? 0;
    }

    private int Account(int carrier)
    {
        var text = Text(ImportColumns.Account);
        var id = accounts.Account(text, carrier, out var reason);
        if (id is null)
        {
            Refuse(ImportColumns.Account, text, text.Length == 0 ? "is missing" : reason!);
        }

        return id ?? 0;
    }

    private string? Number(ImportColumns column, Func<string, string?> parse, string rule)
    {
        var text = Text(column);
        if (text.Length == 0)
        {
            return null;
        }

        var number = parse(text);
        if (number is null)
        {
            Refuse(column, text, $"must be {rule}");
        }

        return number;
    }

    private CardStatus? Status()
    {
        var text = Text(ImportColumns.Status);
        CardStatus? status = text switch
        {
            "0" or "inventory" => CardStatus.Inventory,
            "1" or "active" => CardStatus.Active,
            "2" or "suspended" => CardStatus.Suspended,
            "3" or "terminated" => CardStatus.Terminated,
            _ => null,
        };
        if (status is null && text.Length > 0)
        {
            Refuse(ImportColumns.Status, text, $"must be {StatusRule}");
        }

        return status;
    }

    private RealNameStatus? RealName()
    {
        var text = Text(ImportColumns.RealNameStatus);
        RealNameStatus? status = text switch
        {
            "0" => RealNameStatus.NotRealNamed,
            "1" => RealNameStatus.RealNamed,
            _ => null,
        };
        if (status is null && text.Length > 0)
        {
            Refuse(ImportColumns.RealNameStatus, text, $"must be {RealNameRule}");
        }

        return status;
    }

    private int? Package()
    {
        var text = Text(ImportColumns.PackageId);
        if (text.Length == 0)
        {
            return null;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id < 1)
        {
            Refuse(ImportColumns.PackageId, text, $"must be an integer from 1 to {int.MaxValue}");
        }
        else if (!accounts.HasPackage(id))
        {
            Refuse(ImportColumns.PackageId, text, "no package has this id (GET /api/admin/packages)");
        }

        return id;
    }

    private int? Pool(int account)
    {
        var text = Text(ImportColumns.Pool);
        if (text.Length == 0)
        {
            return null;
        }

        var id = accounts.Pool(text, account, out var reason);
        if (id is null)
        {
            Refuse(ImportColumns.Pool, text, reason!);
        }

        return id;
    }

    private string Text(ImportColumns column) => header.IndexOf(column) is >= 0 and var index ? _record.Text(index) : "";

    private void Refuse(ImportColumns column, string value, string reason) =>
        _fault ??= new RowNotice(_record.Line, header.Name(header.IndexOf(column)), Excerpt.Of(value), reason);
}
