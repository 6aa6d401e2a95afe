using System.Text;
using System.Text.RegularExpressions;

namespace Polling.MockGateway.PassThrough;

/// <summary>Takes tokens, passwords, keys and signatures out of what is recorded, by the names of their fields.</summary>
internal static partial class Secrets
{
    private const string Masked = "***";
    private const string Names =
        @"(?:[\w.-]{0,64}(?:token|passw|pwd|secret|signature|authorization|credential|api[_-]?key|access[_-]?key)[\w.-]{0,64}|(?:x-)?sign)";

    private const string ParameterValue = @"[^&#\s""]*";

    /// <summary>A path and its query, without secrets.</summary>
    public static string InAddress(string address) => Parameter().Replace(address, "$1" + Masked);

    /// <summary>The beginning of a body as text, without secrets; one that is cut in its middle is masked too.</summary>
    /// <param name="body">UTF-8; what is not is replaced.</param>
    /// <param name="bytesMax">How much of it.</param>
    public static string InBody(byte[] body, int bytesMax)
    {
        var text = Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, bytesMax));
        return Parameter().Replace(FirstParameter().Replace(Field().Replace(text, "$1\"" + Masked + "\""), "$1" + Masked), "$1" + Masked);
    }

    [GeneratedRegex(
        @"(""" + Names + @"""\s*:\s*)(?:""(?:[^""\\]|\\.)*(?:""|\\?$)|[^\s"",}\]]+)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Field();

    [GeneratedRegex("([?&]" + Names + "=)" + ParameterValue, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();

    // Of a form; apart, because nothing needs to be searched for it.
    [GeneratedRegex(@"(\A" + Names + "=)" + ParameterValue, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FirstParameter();
}
