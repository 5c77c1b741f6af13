//! What crontab lines mean, by table and against a matcher that looks at every minute.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use proptest::prelude::*;

use super::Cron;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn times(text: &str, zone_name: &str, from: &str, count: usize) -> Vec<String> {
    let zone = zone(zone_name);
    let cron = Cron::parse(text, &zone).unwrap();
    let mut t: Timestamp = from.parse().unwrap();
    let mut found = Vec::new();
    while found.len() < count {
        let Some(next) = cron.next_after(t) else { break };
        assert!(next > t, "{text}: {next} does not follow {t}");
        t = next;
        found.push(t.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M%:z").to_string());
    }
    found
}

/// The first times after `from`, as `day hour:minute` with the offset where the zone is not UTC.
fn check(text: &str, from: &str, expect: &[&str]) {
    let found = times(text, "UTC", from, expect.len());
    let found: Vec<&str> = found.iter().map(|t| t.trim_end_matches("+00:00")).collect();
    assert_eq!(found, expect, "{text}");
}

fn check_in(zone: &str, text: &str, from: &str, expect: &[&str]) {
    assert_eq!(times(text, zone, from, expect.len()), expect, "{text} in {zone}");
}

/// The expression is refused at byte `offset` with a message that holds `part`.
fn refuse(text: &str, offset: usize, part: &str) {
    let problem = Cron::parse(text, &TimeZone::UTC).unwrap_err();
    assert!(problem.message.contains(part), "{text}: {problem}");
    assert_eq!(problem.offset, offset, "{text}: {problem}");
}

/// 2026-11-22 is a Sunday.
const SUNDAY: &str = "2026-11-22T15:00:00Z";

#[test]
fn fields_mean_what_crontab_says() {
    check("*/5 * * * *", SUNDAY, &["2026-11-22 15:05", "2026-11-22 15:10"]);
    check("* * * * *", "2026-11-22T15:00:59.5Z", &["2026-11-22 15:01"]);
    check("10-30/5 * * * *", SUNDAY, &["2026-11-22 15:10", "2026-11-22 15:15", "2026-11-22 15:20"]);
    check("0,30 9-17 * * MON-FRI", SUNDAY, &["2026-11-23 09:00", "2026-11-23 09:30", "2026-11-23 10:00"]);
    check("0 7 1 jan,JUL *", SUNDAY, &["2027-01-01 07:00", "2027-07-01 07:00"]);
    check("0 0 * * 0", SUNDAY, &["2026-11-29 00:00"]);
    check("0 0 * * 7", SUNDAY, &["2026-11-29 00:00"]);
    check("0 0 * * 1", SUNDAY, &["2026-11-23 00:00", "2026-11-30 00:00"]);
    check("0 0 * * 5-7", SUNDAY, &["2026-11-27 00:00", "2026-11-28 00:00", "2026-11-29 00:00", "2026-12-04 00:00"]);
    check("0 0 * * sat-sun", SUNDAY, &["2026-11-28 00:00", "2026-11-29 00:00", "2026-12-05 00:00"]);
    check("0 0 * * */2", SUNDAY, &["2026-11-24 00:00", "2026-11-26 00:00", "2026-11-28 00:00", "2026-11-29 00:00"]);
    check("0 0 * * 0-7", SUNDAY, &["2026-11-23 00:00", "2026-11-24 00:00"]);
    check("*/90 * * * *", SUNDAY, &["2026-11-22 16:00", "2026-11-22 17:00"]);
    check("  0\t0  29 2 * ", SUNDAY, &["2028-02-29 00:00", "2032-02-29 00:00"]);
    check("0 0 31 * *", SUNDAY, &["2026-12-31 00:00", "2027-01-31 00:00", "2027-03-31 00:00"]);
    check("5 0 30 * *", "2027-01-30T00:05:00Z", &["2027-03-30 00:05"]);
}

#[test]
fn either_day_suffices_unless_one_is_starred() {
    check("0 0 13 * FRI", SUNDAY, &["2026-11-27 00:00", "2026-12-04 00:00", "2026-12-11 00:00", "2026-12-13 00:00"]);
    check("0 0 13 * *", SUNDAY, &["2026-12-13 00:00"]);
    check("0 0 */2 * MON", SUNDAY, &["2026-11-23 00:00", "2026-12-07 00:00"]);
    check("0 0 1-31 * MON", SUNDAY, &["2026-11-23 00:00", "2026-11-24 00:00"]);
    check("0 0 31 2 MON", SUNDAY, &["2027-02-01 00:00", "2027-02-08 00:00"]);
}

#[test]
fn names_stand_for_lines() {
    check("@hourly", SUNDAY, &["2026-11-22 16:00"]);
    check("@daily", SUNDAY, &["2026-11-23 00:00"]);
    check("@midnight", SUNDAY, &["2026-11-23 00:00"]);
    check("@weekly", SUNDAY, &["2026-11-29 00:00"]);
    check("@monthly", SUNDAY, &["2026-12-01 00:00"]);
    check("@yearly", SUNDAY, &["2027-01-01 00:00"]);
    check("@Annually", SUNDAY, &["2027-01-01 00:00"]);
}

#[test]
fn what_is_no_crontab_is_refused_with_its_place() {
    refuse("", 0, "empty");
    refuse(" \n", 0, "empty");
    refuse("* * * *", 7, "only 4 of the five fields");
    refuse("0 * * * * *", 10, "6 fields, but crontab has five");
    refuse("0 0 * * * * 2027", 10, "7 fields");
    refuse("@reboot", 0, "`@reboot` names no time");
    refuse(" @often", 1, "is not one of @hourly");
    refuse("@daily *", 0, "`@daily` stands alone");
    refuse("60 * * * *", 0, "minute: `60` is not within 0 to 59");
    refuse("0 24 * * *", 2, "hour: `24`");
    refuse("0 0 0 * *", 4, "day of month: `0`");
    refuse("0 0 1 13 *", 6, "month: `13`");
    refuse("0 0 * * 8", 8, "day of week: `8` is not within 0 to 7");
    refuse("0 0 * * 1,9", 10, "`9`");
    refuse("99999999999999999999 * * * *", 0, "minute");
    refuse("5/15 * * * *", 0, "a range, e.g. `5-59/15`");
    refuse("0 0 * MON *", 6, "belongs into the field day of week");
    refuse("0 0 * * JAN", 8, "belongs into the field month");
    refuse("0 0 * * monday", 8, "write `MON` for `monday`");
    refuse("0 0 * * FRI-MON", 8, "write `FRI-SAT,SUN-MON`");
    refuse("0 22-2 * * *", 2, "write `22-23,0-2`");
    refuse("0 0 * * 6-0", 8, "runs backwards");
    refuse("0 0 L * *", 4, "no `L`");
    refuse("0 0 15W * *", 4, "no `L`, `W`");
    refuse("0 0 LW * *", 4, "no `L`, `W`");
    refuse("0 0 * * 5L", 8, "no `L`");
    refuse("0 0 * * FRIL", 8, "no `L`");
    refuse("0 0 * * 6#2", 8, "no `#`");
    refuse("0 0 ? * *", 4, "write `*`");
    refuse("H * * * *", 0, "`H`");
    refuse("*/0 * * * *", 2, "step of 0");
    refuse("*/x * * * *", 2, "no step");
    refuse("*/+5 * * * *", 2, "no step");
    refuse("*/ * * * *", 2, "no step");
    refuse("-5 * * * *", 0, "a value is missing");
    refuse("5- * * * *", 2, "a value is missing");
    refuse("1,,2 * * * *", 2, "beside a comma");
    refuse("1, * * * *", 2, "beside a comma");
    refuse("*5 * * * *", 0, "no value");
    refuse("ä * * * *", 0, "no value");
    refuse("0 0 31 2 *", 4, "no month named here ever has a day 31");
    refuse("0 0 30,31 feb *", 4, "day 31");
    refuse("0 0 31 4,6,9,11 *", 4, "day 31");
    refuse(&"1,".repeat(600), 0, "longer than 1024 bytes");
}

#[test]
fn a_time_in_the_gap_fires_once_after_it() {
    let berlin = "2027-03-27T12:00:00Z";
    check_in("Europe/Berlin", "30 2 * * *", berlin, &["2027-03-28 03:00+02:00", "2027-03-29 02:30+02:00"]);
    check_in("Europe/Berlin", "0,30 2,3 * * *", berlin, &["2027-03-28 03:00+02:00", "2027-03-28 03:30+02:00"]);
    check_in("Europe/Berlin", "*/30 2 28 3 *", berlin, &["2027-03-28 03:00+02:00", "2028-03-28 02:00+02:00"]);
    check_in("America/New_York", "15 2 * * *", "2027-03-13T12:00:00Z", &["2027-03-14 03:00-04:00"]);
    check_in(
        "Australia/Lord_Howe",
        "15 2 * * *",
        "2026-10-03T00:00:00Z",
        &["2026-10-04 02:30+11:00", "2026-10-05 02:15+11:00"],
    );
    // A whole day was skipped: Samoa went over the date line.
    check_in(
        "Pacific/Apia",
        "0 9 30 12 *",
        "2011-12-01T00:00:00Z",
        &["2011-12-31 00:00+14:00", "2012-12-30 09:00+14:00"],
    );
}

#[test]
fn a_time_in_the_overlap_fires_once_unless_hours_recur() {
    let berlin = "2026-10-24T23:50:00Z";
    check_in("Europe/Berlin", "30 2 * * *", berlin, &["2026-10-25 02:30+02:00", "2026-10-26 02:30+01:00"]);
    check_in(
        "Europe/Berlin",
        "*/30 2,3 * * *",
        berlin,
        &["2026-10-25 02:00+02:00", "2026-10-25 02:30+02:00", "2026-10-25 03:00+01:00"],
    );
    check_in(
        "Europe/Berlin",
        "*/30 * * * *",
        berlin,
        &[
            "2026-10-25 02:00+02:00",
            "2026-10-25 02:30+02:00",
            "2026-10-25 02:00+01:00",
            "2026-10-25 02:30+01:00",
            "2026-10-25 03:00+01:00",
        ],
    );
    check_in("Europe/Berlin", "0 */2 * * *", berlin, &["2026-10-25 02:00+02:00", "2026-10-25 02:00+01:00"]);
    check_in(
        "America/New_York",
        "15 1 * * *",
        "2026-11-01T04:00:00Z",
        &["2026-11-01 01:15-04:00", "2026-11-02 01:15-05:00"],
    );
    check_in(
        "Australia/Lord_Howe",
        "45 1 * * *",
        "2027-04-03T12:00:00Z",
        &["2027-04-04 01:45+11:00", "2027-04-05 01:45+10:30"],
    );
    check_in(
        "Australia/Lord_Howe",
        "45 * * * *",
        "2027-04-03T14:00:00Z",
        &["2027-04-04 01:45+11:00", "2027-04-04 01:45+10:30", "2027-04-04 02:45+10:30"],
    );
}

#[test]
fn times_end_with_the_century_and_values_compare() {
    assert_eq!(times("0 0 1 1 *", "UTC", "2099-06-01T00:00:00Z", 5).len(), 1);
    assert_eq!(times("0 0 1 1 *", "Europe/Berlin", "2200-06-01T00:00:00Z", 5).len(), 0);
    let cron = Cron::parse(" @daily ", &zone("Europe/Berlin")).unwrap();
    assert_eq!(cron.next_after(Timestamp::MAX), None);
    assert_eq!(cron.next_after(Timestamp::MIN).unwrap().to_string(), "1969-12-31T23:00:00Z");
    assert_eq!(cron.to_string(), "@daily");
    assert_eq!(cron, cron.clone());
    assert_ne!(cron, Cron::parse("@daily", &TimeZone::UTC).unwrap());
    assert_ne!(cron, Cron::parse("0 0 * * *", &zone("Europe/Berlin")).unwrap());
    assert_eq!(format!("{cron:?}"), "Cron(\"@daily\" in Europe/Berlin)");
}

/// A field as text and as values, made together so that nothing has to be read back.
#[derive(Debug, Clone)]
struct Made {
    text: String,
    values: Vec<i8>,
}

fn made(low: i8, high: i8) -> impl Strategy<Value = Made> {
    let star = Just(Made { text: "*".to_owned(), values: (low..=high).collect() });
    let every = (2..=7_i8).prop_map(move |step| Made {
        text: format!("*/{step}"),
        values: (low..=high).filter(|n| (n - low) % step == 0).collect(),
    });
    let range = (low..=high, low..=high, 1..=4_i8).prop_map(|(a, b, step)| {
        let (a, b) = (a.min(b), a.max(b));
        Made { text: format!("{a}-{b}/{step}"), values: (a..=b).filter(|n| (n - a) % step == 0).collect() }
    });
    let few = proptest::collection::vec(low..=high, 1..4)
        .prop_map(|values| Made { text: values.iter().map(i8::to_string).collect::<Vec<_>>().join(","), values });
    prop_oneof![3 => star, 1 => every, 1 => range, 3 => few]
}

/// Whether a wall time matches, by the plain words of crontab(5).
fn matches(fields: &[Made; 5], at: DateTime) -> bool {
    let [minute, hour, day, month, weekday] = fields;
    let on_day = day.values.contains(&at.day());
    let on_weekday = weekday.values.contains(&at.weekday().to_sunday_zero_offset());
    let days = if day.text.starts_with('*') || weekday.text.starts_with('*') {
        on_day && on_weekday
    } else {
        on_day || on_weekday
    };
    days && minute.values.contains(&at.minute())
        && hour.values.contains(&at.hour())
        && month.values.contains(&at.month())
}

/// Every fire in a span, by looking at every minute of it.
fn reference(fields: &[Made; 5], zone: &TimeZone, from: i64, to: i64) -> Vec<i64> {
    let hour = &fields[1];
    let recurs = hour.text.contains(['*', '/']) || (0..24).all(|n| hour.values.contains(&n));
    let wall = |at: i64| zone.to_datetime(Timestamp::from_second(at).unwrap());
    let mut found = Vec::new();
    for at in (from..to).step_by(60) {
        let here = wall(at);
        let repeated = match zone.to_ambiguous_timestamp(here).offset() {
            AmbiguousOffset::Fold { after, .. } => zone.to_offset(Timestamp::from_second(at).unwrap()) == after,
            _ => false,
        };
        // The wall minutes that should have come between the minute before and this one.
        let mut skipped = wall(at - 60).checked_add(jiff::SignedDuration::from_mins(1)).unwrap();
        let mut due = matches(fields, here) && (recurs || !repeated);
        while skipped < here {
            due |= matches(fields, skipped);
            skipped = skipped.checked_add(jiff::SignedDuration::from_mins(1)).unwrap();
        }
        if due {
            found.push(at);
        }
    }
    found
}

/// A week around each change of the clocks, from a minute's start.
const CHANGES: [(&str, &str); 8] = [
    ("Europe/Berlin", "2027-03-25T00:00:00Z"),
    ("Europe/Berlin", "2026-10-22T00:00:00Z"),
    ("America/New_York", "2027-03-11T00:00:00Z"),
    ("America/New_York", "2026-10-29T00:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-01T00:00:00Z"),
    ("Australia/Lord_Howe", "2027-04-01T00:00:00Z"),
    ("Pacific/Apia", "2011-12-27T00:00:00Z"),
    ("UTC", "2027-02-25T00:00:00Z"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_minute_of_a_week_agrees(
        fields in (made(0, 59), made(0, 23), made(1, 31), made(1, 12), made(0, 6)),
        change in 0..CHANGES.len(),
        offset in 0..60_i64,
    ) {
        let (zone_name, from) = CHANGES[change];
        let zone = zone(zone_name);
        let fields = [fields.0, fields.1, fields.2, fields.3, fields.4];
        let text = fields.iter().map(|field| field.text.as_str()).collect::<Vec<_>>().join(" ");
        let from = from.parse::<Timestamp>().unwrap().as_second();
        let to = from + 7 * 86_400;
        // An impossible date is refused: nothing to compare.
        let Ok(cron) = Cron::parse(&text, &zone) else { return Ok(()) };

        let mut found = Vec::new();
        let mut at = Timestamp::from_second(from - 1).unwrap();
        while let Some(next) = cron.next_after(at) {
            prop_assert!(next > at);
            if next.as_second() >= to {
                break;
            }
            found.push(next.as_second());
            at = next;
        }
        let expected = reference(&fields, &zone, from, to);
        prop_assert_eq!(&found, &expected, "{} in {}", text, zone_name);

        // Asking from anywhere inside gives the same next time.
        let middle = from + 3 * 86_400 + offset * 977;
        let next = cron.next_after(Timestamp::from_second(middle).unwrap()).map(Timestamp::as_second);
        prop_assert_eq!(next.filter(|t| *t < to), expected.iter().copied().find(|t| *t > middle));
    }
}
