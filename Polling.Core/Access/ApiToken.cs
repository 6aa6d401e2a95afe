using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Polling.Core.Access;

/// <summary>The text of an API key: <c>polling_</c> and 256 random bits in base64url. (The word lets scanners find one that leaked.)</summary>
public static class ApiToken
{
    private const string Word = "polling_";
    private const int RandomBytes = 32;
    private const int PrefixLength = 13;

    /// <summary>Longer texts are no key.</summary>
    public const int LengthMax = 64;

    /// <summary>A new one.</summary>
    public static string New() => Word + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>What may be shown of it.</summary>
    public static string PrefixOf(string token) => token[..PrefixLength];

    /// <summary>What is kept of it.</summary>
    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
