//! Times as Finesse writes them: ISO 8601 in GMT, `2022-05-05T07:34:07.188Z`, as milliseconds since 1970.

/// Reads a time of ISO 8601: any number of decimals, `Z` or an offset or none (which is then GMT), and the form
/// without hyphens of XEP-0091. Nothing if it is none, or before 1970.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    let (date, time) = text.trim().split_once(['T', ' '])?;
    let mut date = Digits(date);
    let (year, month, day) = (date.number(4)?, date.after('-', 2)?, date.after('-', 2)?);
    let mut time = Digits(time);
    let (hour, minute, second) = (time.number(2)?, time.after(':', 2)?, time.after(':', 2)?);
    let millis = time.decimals()?;
    let offset = time.offset()?;
    let sound = date.0.is_empty() && time.0.is_empty() && hour < 24 && minute < 60 && second < 61;
    let days = if sound { days(year, month, day)? } else { return None };
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset * 60;
    u64::try_from(seconds * 1_000 + millis).ok()
}

/// Writes a time as Finesse does.
#[must_use]
pub fn format(millis: u64) -> String {
    let (year, month, day) = date(millis / 86_400_000);
    let seconds = millis / 1_000;
    let mut text = String::with_capacity(24);
    let parts = [
        (year, 4, '-'),
        (month, 2, '-'),
        (day, 2, 'T'),
        (seconds / 3_600 % 24, 2, ':'),
        (seconds / 60 % 60, 2, ':'),
        (seconds % 60, 2, '.'),
        (millis % 1_000, 3, 'Z'),
    ];
    for (number, width, after) in parts {
        let digits = number.to_string();
        (digits.len()..width).for_each(|_| text.push('0'));
        text.push_str(&digits);
        text.push(after);
    }
    text
}

/// What is left to read.
struct Digits<'a>(&'a str);

impl Digits<'_> {
    /// Exactly so many digits.
    fn number(&mut self, width: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(width)?;
        self.0 = rest;
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        if all_digits { digits.parse().ok() } else { None }
    }

    /// The same, after a separator that may be missing.
    fn after(&mut self, separator: char, width: usize) -> Option<i64> {
        self.0 = self.0.strip_prefix(separator).unwrap_or(self.0);
        self.number(width)
    }

    /// Decimals of a second, as milliseconds; none are zero.
    fn decimals(&mut self) -> Option<i64> {
        let Some(rest) = self.0.strip_prefix(['.', ',']) else { return Some(0) };
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = rest.split_at_checked(length).filter(|(digits, _)| !digits.is_empty())?;
        self.0 = rest;
        let digit = |byte: u8| i64::from(byte - b'0');
        Some(digits.bytes().chain(*b"000").take(3).fold(0, |millis, byte| millis * 10 + digit(byte)))
    }

    /// Minutes east of Greenwich.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.0.chars().next() {
            None => return Some(0),
            Some('Z' | 'z') => 0,
            Some('+') => 1,
            Some('-') => -1,
            Some(_) => return None,
        };
        self.0 = self.0.get(1..)?;
        if sign == 0 {
            return Some(0);
        }
        Some(sign * (self.number(2)? * 60 + self.after(':', 2)?))
    }
}

/// Days from 1970-01-01 to this date of the Gregorian calendar. A year is taken to begin in March, so that the
/// leap day is its last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let last = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    let year = year - i64::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468,
    )
}

/// The inverse of [`days`].
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form_and_written_in_one() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2022-05-05T07:34:07.188Z", 1_651_736_047_188),
            ("2022-05-05T07:34:07.18Z", 1_651_736_047_180),
            ("2022-05-05T07:34:07.188999Z", 1_651_736_047_188),
            (" 2022-05-05T13:04:07.188+05:30\n", 1_651_736_047_188),
            ("2022-05-05T03:34:07-0400", 1_651_736_047_000),
            ("20220505T07:34:07", 1_651_736_047_000),
            ("2000-02-29T23:59:59.999Z", 951_868_799_999),
            ("2100-03-01T00:00:00Z", 4_107_542_400_000),
        ] {
            assert_eq!(parse(text), Some(millis), "{text}");
            assert_eq!(parse(&format(millis)), Some(millis), "{text}");
        }
        assert_eq!(format(1_651_736_047_188), "2022-05-05T07:34:07.188Z");
    }

    #[test]
    fn what_is_no_time_is_nothing() {
        for text in [
            "",
            "T",
            "now",
            "2022-05-05",
            "2022-13-05T00:00:00Z",
            "2022-02-29T00:00:00Z",
            "2022-05-05T24:00:00Z",
            "2022-05-05T07:34:07.Z",
            "2022-05-05T07:34:07Zx",
            "2022-05-05T07:34:07+",
            "1969-12-31T23:59:59Z",
            "-022-05-05T07:34:07Z",
            "2022-05-05T07:34:07é",
            "+999-05-05T07:34:07Z",
            "2022-05-05Té7:34:07Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_a_millennium_is_itself() {
        for day in 0..365_243 {
            let (year, month, day_of_month) = date(day);
            let back = days(year as i64, month as i64, day_of_month as i64);
            assert_eq!(back, Some(day as i64));
        }
    }
}
