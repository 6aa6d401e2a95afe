namespace Polling.AdminApi.Tests.Fuzz;

/// <summary>What is put where a path, a query or a header has something else.</summary>
internal static class FuzzTexts
{
    public static readonly string[] Ids =
    [
        "0", "-1", "4711", "4096", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "99999999999999999999999", "1.0", "1e0", "0x1", "NaN", "Infinity",
        "%EF%BC%91", "%D9%A3", "%00", "1%00", "%ff%fe", "%C0%AF", "%ED%A0%80", "%2e%2e", "%2F", "1%2F..", "+1", "%2B1", "1%20", "%E2%80%8B1", "null", "undefined", "%25", "%", "%zz", "%F0%9F%98%80",
    ];

    public static readonly string[] Queries =
    [
        "-1", "0", "1.5", "NaN", "1e3", "2147483648", "9223372036854775808", "99999999999999999999", "%EF%BC%91%EF%BC%92", "%D9%A3", "%ff", "%C0%80", "%00", "a%00b", "%ED%A0%80",
        "%F0%9F%98%80", "%zz", "true", "[1]", "x'%20OR%201=1", "2026-01-01T00:00:00%2B08:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00%2B14:00", "%E2%80%AE", "%0d%0aX:1",
    ];

    public static readonly string?[] ContentTypes =
    [
        null, "", "text/plain", "application/xml", "application/jsonx", "application/json; charset=utf-16", "application/json;;;", "multipart/form-data", "text/csv; charset=gbk",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=xxxx", "image/png", "x", "application/x-www-form-urlencoded", "*/*", "\"application/json\"",
    ];

    public static readonly (string Name, string Value)[] Headers =
    [
        ("X-Long", new string('x', 20_000)), ("X-Long", new string('x', 12_000)), ("traceparent", "00-ffffffffffffffffffffffffffffffff-0000000000000000-zz"), ("Accept", "image/png"),
        ("Accept-Encoding", "nonsense;q=9"), ("Cookie", new string(';', 3000)), ("baggage", new string('a', 9000)), ("tracestate", "=,=,="), ("X-HTTP-Method-Override", "DELETE"),
        ("Content-Encoding", "gzip"), ("Range", "bytes=-1"), ("If-Match", "\"x\""),
    ];
}
