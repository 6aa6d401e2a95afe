using Polling.Core.Cards;
using Polling.Core.Configuration;

namespace Polling.Core.Tests.Configuration;

public sealed class PollingConfigSetTests
{
    [Fact]
    public void The_lowest_priority_number_rules_then_the_more_specific_row_then_the_lower_id()
    {
        Assert.Equal(2, Find(Row(1), Row(2, priority: 50), Row(3, carrierId: 7)));
        Assert.Equal(3, Find(Row(1), Row(2), Row(3, carrierId: 7)));
        Assert.Equal(1, Find(Row(2), Row(1)));
    }

    [Fact]
    public void A_row_that_is_off_or_of_another_task_or_carrier_does_not_count()
    {
        Assert.Null(Find(Row(1, status: ConfigStatus.Off), Row(2, task: TaskType.Package), Row(3, carrierId: 8)));
        Assert.Null(new PollingConfigSet([]).Find(TaskType.Realname, 7, 70, CardStatus.Active, RealNameStatus.RealNamed, null));
    }

    [Fact]
    public void A_terminated_card_is_never_polled() =>
        Assert.Null(new PollingConfigSet([Row(1)]).Find(TaskType.Realname, 7, 70, CardStatus.Terminated, RealNameStatus.RealNamed, null));

    [Theory]
    [InlineData("realname", TaskType.Realname)]
    [InlineData("carddata", TaskType.Carddata)]
    [InlineData("package", TaskType.Package)]
    public void Task_types_are_known_by_name(string name, TaskType type)
    {
        Assert.Equal(type, TaskTypes.Parse(name));
        Assert.Equal(name, type.Name());
    }

    [Theory]
    [InlineData("Realname")]
    [InlineData("1")]
    [InlineData(null)]
    public void An_unknown_task_type_is_an_error_that_names_those_there_are(string? name)
    {
        var error = Assert.Throws<FormatException>(() => TaskTypes.Parse(name));
        Assert.Equal($"task_type \"{name}\" is not one of realname, carddata, package", error.Message);
    }

    private static int? Find(params PollingConfig[] rows) =>
        new PollingConfigSet(rows).Find(TaskType.Realname, 7, 70, CardStatus.Active, RealNameStatus.RealNamed, null)?.Id;

    private static PollingConfig Row(
        int id, int priority = 100, int? carrierId = null, ConfigStatus status = ConfigStatus.On, TaskType task = TaskType.Realname) =>
        new() { Id = id, Name = "x", TaskType = task, Priority = priority, CarrierId = carrierId, Status = status, IntervalSeconds = 60 };
}
