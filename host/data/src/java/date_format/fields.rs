//! Fields that were read, and which date they make: `CalendarBuilder` and `GregorianCalendar`.
//!
//! A pattern may name a day in several ways. Java lets the way win whose last field was read last, and so does
//! this.

use super::DAY;
use crate::java::calendar;

/// What a pattern's letters set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Era,
    Year,
    WeekYear,
    Month,
    DayOfMonth,
    DayOfYear,
    WeekOfYear,
    WeekOfMonth,
    DayOfWeekInMonth,
    DayOfWeek,
    AmPm,
    Hour,
    HourOfDay,
    Minute,
    Second,
    Milli,
}

/// Weeks as in the United States: from Sunday, and 1 January is in the first.
pub(super) mod week {
    use crate::java::calendar;

    /// The week of a day, counted from the week of the first one.
    pub(in super::super) fn index(first: i64, day: i64) -> i64 {
        (day - start(first)) / 7 + 1
    }

    /// The Sunday that the day's week begins with.
    pub(in super::super) fn start(day: i64) -> i64 {
        day - (day + 4).rem_euclid(7)
    }

    /// Year and week of a day in that calendar year.
    pub(in super::super) fn year_and_week(year: i64, day: i64) -> (i64, i64) {
        let next = calendar::days(year + 1, 1, 1);
        if day >= start(next) { (year + 1, 1) } else { (year, index(calendar::days(year, 1, 1), day)) }
    }
}

/// Values, and the order in which they were set.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    values: [i64; 16],
    stamps: [u32; 16],
    next: u32,
    /// The zone's offset in milliseconds.
    pub(super) offset: i64,
}

impl Fields {
    pub(super) fn set(&mut self, field: Field, value: i64) {
        self.next += 1;
        self.values[field as usize] = value;
        self.stamps[field as usize] = self.next;
    }

    fn stamp(&self, field: Field) -> u32 {
        self.stamps[field as usize]
    }

    fn get(&self, field: Field, otherwise: i64) -> i64 {
        if self.stamp(field) > 0 { self.values[field as usize] } else { otherwise }
    }

    /// The year, counted through zero.
    fn year(&self) -> i64 {
        let year = self.get(Field::Year, 1970);
        if self.get(Field::Era, 1) == 0 { 1 - year } else { year }
    }

    /// Milliseconds since the epoch.
    pub(super) fn instant(&self) -> i64 {
        self.day().saturating_mul(DAY).saturating_add(self.time()).saturating_sub(self.offset)
    }

    fn time(&self) -> i64 {
        let of_day = self.stamp(Field::HourOfDay);
        let half = match (self.stamp(Field::Hour), self.stamp(Field::AmPm)) {
            (0, _) | (_, 0) => 0,
            (hour, half) => hour.max(half),
        };
        let best = match of_day.max(half) {
            0 => self.stamp(Field::Hour).max(self.stamp(Field::AmPm)),
            best => best,
        };
        let hour = if best == 0 || best == of_day {
            self.get(Field::HourOfDay, 0)
        } else {
            self.get(Field::Hour, 0) + 12 * self.get(Field::AmPm, 0)
        };
        let minute = hour * 60 + self.get(Field::Minute, 0);
        (minute * 60 + self.get(Field::Second, 0)) * 1000 + self.get(Field::Milli, 0)
    }

    /// 1 is Sunday, the first day of the week.
    fn weekday(&self, otherwise: i64) -> i64 {
        self.get(Field::DayOfWeek, otherwise)
    }

    fn day(&self) -> i64 {
        if self.stamp(Field::WeekYear) > self.stamp(Field::Year) {
            return self.week_date();
        }
        let dow = self.stamp(Field::DayOfWeek);
        let with_dow = |field| match self.stamp(field) {
            0 => 0,
            _ if dow == 0 => 0,
            stamp => stamp.max(dow),
        };
        let mut dom = self.stamp(Field::DayOfMonth);
        let mut wom = with_dow(Field::WeekOfMonth);
        let mut dowim = with_dow(Field::DayOfWeekInMonth);
        let doy = self.stamp(Field::DayOfYear);
        let mut woy = with_dow(Field::WeekOfYear);
        let mut best = dom.max(wom).max(dowim).max(doy).max(woy);
        if best == 0 {
            wom = self.stamp(Field::WeekOfMonth);
            dowim = self.stamp(Field::DayOfWeekInMonth).max(dow);
            woy = self.stamp(Field::WeekOfYear);
            best = wom.max(dowim).max(woy);
            if best == 0 {
                dom = self.stamp(Field::Month);
                best = dom;
            }
        }
        let year = self.year();
        let month = self.get(Field::Month, 0) + 1;
        let first = calendar::days(year, month, 1);
        let later = self.stamp(Field::WeekOfYear);
        if best == dom {
            first + self.get(Field::DayOfMonth, 1) - 1
        } else if best == wom && self.stamp(Field::WeekOfMonth) >= later {
            self.in_week(first, self.get(Field::WeekOfMonth, 1), 1)
        } else if best == dowim && self.stamp(Field::DayOfWeekInMonth) >= later {
            self.nth_weekday(year, month)
        } else if best == doy {
            calendar::days(year, 1, 1) + self.get(Field::DayOfYear, 1) - 1
        } else if best == woy {
            self.in_week(calendar::days(year, 1, 1), self.get(Field::WeekOfYear, 1), 1)
        } else {
            first
        }
    }

    /// A day of the week in the week of that number, counted from the week of a first day.
    fn in_week(&self, first: i64, number: i64, otherwise: i64) -> i64 {
        week::start(first) + (number - 1) * 7 + self.weekday(otherwise) - 1
    }

    fn nth_weekday(&self, year: i64, month: i64) -> i64 {
        let weekday = self.weekday(1) - 1;
        let on_or_after = |day: i64| day + (weekday - (day + 4)).rem_euclid(7);
        match self.get(Field::DayOfWeekInMonth, 1) {
            count @ 0.. => on_or_after(calendar::days(year, month, 1)) + (count - 1) * 7,
            // counted from the end
            count => on_or_after(calendar::days(year, month + 1, 1)) + count * 7,
        }
    }

    /// `setWeekDate`: year, week and day of the week, whatever else was read.
    fn week_date(&self) -> i64 {
        let year = self.get(Field::WeekYear, 1970);
        self.in_week(calendar::days(year, 1, 1), self.get(Field::WeekOfYear, 1), 1)
    }
}
