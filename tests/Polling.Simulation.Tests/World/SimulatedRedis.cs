using Polling.Core.Queue;
using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Gauges;
using Polling.Core.Queue.Intervals;
using Polling.Core.Queue.Manual;
using Polling.Core.Queue.Placement;
using Polling.Core.Queue.Promotion;
using Polling.Core.Queue.Quarantine;
using Polling.Core.Queue.Quotas;
using Polling.Core.Queue.Renewal;
using Polling.Core.Queue.Scripts;
using Polling.Core.Queue.Signals;
using StackExchange.Redis;

namespace Polling.Simulation.Tests.World;

/// <summary>
/// A real Redis with the real scripts, at simulated time: only the include that reads Redis TIME is replaced. The keys' own expiry is
/// simulated too, as Redis would measure it by the real clock.
/// </summary>
internal sealed class SimulatedRedis
{
    private const string NowKey = "simulation:now_us";
    private const string ExpiriesKey = "simulation:expiries";

    // Scripts set expiries by PEXPIRE and SET PX only; whatever else would make a key expire by the real clock stops the simulation.
    private const string SimulatedNow = $$"""
        local now_us = tonumber(redis.call('GET', '{{NowKey}}'))
        local now_ms = math.floor(now_us / 1000)
        local real = redis
        for _, key in ipairs(real.call('ZRANGEBYSCORE', '{{ExpiriesKey}}', '-inf', string.format('%d', now_ms))) do
          real.call('DEL', key)
          real.call('ZREM', '{{ExpiriesKey}}', key)
        end
        local function expire(key, ms)
          return real.call('ZADD', '{{ExpiriesKey}}', string.format('%d', now_ms + tonumber(ms)), key)
        end
        local redis = setmetatable({ call = function(command, key, ...)
          if command == 'PEXPIRE' then
            return expire(key, (...))
          elseif command == 'SET' then
            local value, option, ms = ...
            if option == 'PX' then
              expire(key, ms)
            else
              real.call('ZREM', '{{ExpiriesKey}}', key)
            end
            return real.call('SET', key, value)
          elseif string.find(command, 'EXPIRE', 1, true) or command == 'SETEX' or command == 'PSETEX' then
            error('The simulation knows PEXPIRE and SET PX only, not ' .. command)
          end
          return real.call(command, key, ...)
        end }, { __index = real })
        """;

    private readonly IServer _server;
    private long _nowUs;

    public SimulatedRedis(ConnectionMultiplexer redis)
    {
        Scripts = new ScriptRunner(redis, new ScriptLibrary(new Dictionary<string, string> { ["now"] = SimulatedNow }));
        Database = redis.GetDatabase();
        _server = redis.GetServers()[0];
        Placement = new PlacementScript(Scripts, Keys);
        Promotion = new PromotionScript(Scripts, Keys, redis);
        Claims = new ClaimScripts(Scripts, Keys);
        Quotas = new QuotaGate(Scripts, Keys);
        Completion = new CompletionScript(Scripts, Keys);
        Gauges = new GaugeScript(Scripts, Keys);
        Manual = new ManualRequests(Scripts, Keys, Claims, new QueueSignals(redis), redis);
        Renewal = new RenewalScript(Scripts, Keys);
        Quarantine = new QuarantineScripts(Scripts, Keys, redis);
        Audit = new QueueAudit(Scripts, Keys, redis);
        Move = new MoveScript(Scripts, Keys);
        MovedIntervals = new MovedIntervals(redis, Keys);
    }

    public IDatabase Database { get; }

    public RedisKeys Keys { get; } = new(KeyLayout.Contract);

    public ScriptRunner Scripts { get; }

    public PlacementScript Placement { get; }

    public PromotionScript Promotion { get; }

    public ClaimScripts Claims { get; }

    public QuotaGate Quotas { get; }

    public CompletionScript Completion { get; }

    public GaugeScript Gauges { get; }

    public ManualRequests Manual { get; }

    public RenewalScript Renewal { get; }

    public QuarantineScripts Quarantine { get; }

    public QueueAudit Audit { get; }

    public MoveScript Move { get; }

    public MovedIntervals MovedIntervals { get; }

    /// <summary>The run id that the epoch and the accounts are published with; another one after each restart.</summary>
    public int Run { get; private set; } = 1;

    public string RunId => $"run{Run}";

    /// <summary>Sets the scripts' time. Commands of one connection keep their order, so it is not waited for.</summary>
    public void SetNow(long nowUs)
    {
        if (nowUs != _nowUs)
        {
            _nowUs = nowUs;
            Database.StringSet(NowKey, nowUs, flags: CommandFlags.FireAndForget);
        }
    }

    /// <summary>Restarted empty.</summary>
    public async Task LoseEverythingAsync()
    {
        await _server.FlushAllDatabasesAsync();
        Run++;
        _nowUs = 0;
    }

    /// <summary>Restarted with its data.</summary>
    public void Restarted() => Run++;

    public Task LoseScriptsAsync() => _server.ScriptFlushAsync();
}
