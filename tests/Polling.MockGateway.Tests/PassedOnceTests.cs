using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polling.MockGateway.Tests;

/// <summary>An HTTP client repeats a request by itself when the connection that it kept turns out to be closed; a stop must not be.</summary>
public sealed class PassedOnceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_on_a_connection_that_breaks_is_not_sent_again(bool withEmptyContent)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var requests = 0;
        var serving = ServeAsync();
        await using var gateway = await RunningGateway.StartAsync(("MockGateway:Behaviour:PassThrough:Upstream", $"http://{listener.LocalEndpoint}"));
        var codes = new List<HttpStatusCode>();
        for (var call = 0; call < 2; call++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/onelink/v5/ec/operate/sim-status?operType=0&token=x&iccid=1");
            request.Content = withEmptyContent ? new ByteArrayContent([]) : null;
            using var response = await gateway.SendAsync(request);
            codes.Add(response.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.BadGateway], codes);
        Assert.Equal(2, Volatile.Read(ref requests));
        listener.Stop();
        await serving;

        // Each connection answers one request, and is closed when it gets another.
        async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                    await using var stream = client.GetStream();
                    using var reader = new StreamReader(stream, Encoding.ASCII);
                    await ReadHeadAsync(reader);
                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), TestContext.Current.CancellationToken);
                    await ReadHeadAsync(reader);
                }
            }
            catch (SocketException)
            {
                // The test is over.
            }
        }

        async Task ReadHeadAsync(StreamReader reader)
        {
            while (!string.IsNullOrEmpty(await reader.ReadLineAsync(TestContext.Current.CancellationToken)))
            {
                // Up to the empty line.
            }

            Interlocked.Increment(ref requests);
        }
    }
}
