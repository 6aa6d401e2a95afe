using Polling.Core.Queue.Scripts;

namespace Polling.Queue.Tests.Scripts;

public class ScriptLibraryTests
{
    [Fact]
    public void Every_script_loads_and_documents_its_keys()
    {
        var library = new ScriptLibrary();
        Assert.Contains(library.Scripts, s => s.Verb == "promote" && s.FixedKeys == 10);
        Assert.All(library.Scripts, s => Assert.DoesNotContain("@include", s.Body, StringComparison.Ordinal));
    }

    [Fact]
    public void An_unknown_script_is_named_in_the_error()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new ScriptLibrary()["steal"]);
        Assert.Contains("'steal'", error.Message, StringComparison.Ordinal);
    }
}
