//! From values to places on a chart, and the round values that its axes name.

/// The values that an axis spans.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    least: f64,
    greatest: f64,
    log: bool,
}

impl Scale {
    /// The scale of finite values; without any, from 0 to 1. A logarithmic one takes those above zero.
    pub(crate) fn of(values: impl Iterator<Item = f64>, log: bool) -> Self {
        let fits = |value: &f64| value.is_finite() && (!log || *value > 0.0);
        let (least, greatest) =
            values.filter(fits).fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), value| {
                (least.min(value), greatest.max(value))
            });
        match (least <= greatest, log) {
            (false, false) => Self { least: 0.0, greatest: 1.0, log },
            (false, true) => Self { least: 1.0, greatest: 10.0, log },
            (true, false) if greatest - least > f64::MIN_POSITIVE => Self { least, greatest, log },
            // A single value stands in the middle, and so do values too close for the half of their distance to be a number.
            (true, false) => {
                let around = (least.abs() / 10.0).max(0.5);
                Self { least: (least - around).max(f64::MIN), greatest: (greatest + around).min(f64::MAX), log }
            }
            (true, true) => {
                let (low, high) = (least.log10(), greatest.log10());
                let around = if high - low < 1e-9 { 0.5 } else { 0.0 };
                Self { least: low - around, greatest: high + around, log }
            }
        }
    }

    /// Where a value stands between the ends, 0 to 1; nowhere if it has no place on this scale.
    pub(crate) fn place(&self, value: f64) -> Option<f64> {
        let value = match self.log {
            true if value > 0.0 => value.log10(),
            true => return None,
            false => value,
        };
        // In halves, since the difference of the greatest doubles is none.
        let place = (value / 2.0 - self.least / 2.0) / (self.greatest / 2.0 - self.least / 2.0);
        place.is_finite().then(|| place.clamp(0.0, 1.0))
    }

    /// About `count` round values within the scale, in their order.
    pub(crate) fn ticks(&self, count: u32, whole: bool) -> Vec<f64> {
        if self.log {
            return self.log_ticks(count);
        }
        let step = round_step((self.greatest / 2.0 - self.least / 2.0) / f64::from(count.max(1)) * 2.0);
        let step = if whole { step.max(1.0) } else { step };
        let first = (self.least / step).ceil();
        let ticks = (0..=3 * count).map(|index| (first + f64::from(index)) * step);
        ticks.take_while(|tick| *tick <= self.greatest).filter(|tick| tick.is_finite()).map(|tick| tick + 0.0).collect()
    }

    /// Powers of ten, or round values where the scale spans less than two of them.
    fn log_ticks(&self, count: u32) -> Vec<f64> {
        let powers = |step: i32| {
            let first = (self.least / f64::from(step)).ceil();
            let ticks = (0..=3 * count).map(move |index| (first + f64::from(index)) * f64::from(step));
            ticks.take_while(|power| *power <= self.greatest).map(|power| 10.0_f64.powf(power)).collect::<Vec<_>>()
        };
        let decades = self.greatest - self.least;
        if decades < 2.0 {
            let linear = Self { least: 10.0_f64.powf(self.least), greatest: 10.0_f64.powf(self.greatest), log: false };
            return linear.ticks(count, false);
        }
        [1, 2, 5, 10, 20, 50, 100, 200].into_iter().map(powers).find(|ticks| ticks.len() <= 7).unwrap_or_default()
    }
}

/// 1, 2 or 5 times a power of ten, not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10.0_f64.powf(least.log10().floor());
    let power = if power > 0.0 && power.is_finite() { power } else { f64::MIN_POSITIVE };
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= least).unwrap_or(power * 10.0)
}
