using Polling.AppHost.Processes;

if (Words.Run(args) is { } exitCode)
{
    return exitCode;
}

Console.WriteLine("polling");
return 0;
