namespace Polling.MockGateway.PassThrough;

/// <summary>A body in memory; what is longer is refused with an <see cref="IOException"/>.</summary>
internal sealed class BoundedBody(int max) : MemoryStream
{
    /// <summary>It was longer.</summary>
    public bool IsOver { get; private set; }

    public override void Write(byte[] buffer, int offset, int count)
    {
        Admit(count);
        base.Write(buffer, offset, count);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Admit(buffer.Length);
        base.Write(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Admit(count);
        return base.WriteAsync(buffer, offset, count, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Admit(buffer.Length);
        return base.WriteAsync(buffer, cancellationToken);
    }

    private void Admit(int count)
    {
        if (Length + count > max)
        {
            IsOver = true;
            throw new IOException($"The body is longer than {max} bytes.");
        }
    }
}
