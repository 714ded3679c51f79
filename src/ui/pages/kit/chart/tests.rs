use super::*;

fn ticks(values: &[f64], log: bool) -> Vec<f64> {
    Scale::of(values.iter().copied(), log).ticks(5, false)
}

#[test]
fn ticks_are_round_and_inside() {
    for (values, expected) in [
        (&[0.0, 1.0][..], &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0][..]),
        (&[0.0, 100.0], &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]),
        (&[-3.0, 7.0], &[-2.0, 0.0, 2.0, 4.0, 6.0]),
        (&[5.0], &[4.6, 4.8, 5.0, 5.2, 5.4]),
        (&[], &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (&[f64::NAN, f64::INFINITY], &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
    ] {
        let found = ticks(values, false);
        let same = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(same, "{values:?}: {found:?}");
    }
}

#[test]
fn logarithmic_ticks_are_powers_or_round() {
    assert_eq!(ticks(&[1.0, 1000.0], true), [1.0, 10.0, 100.0, 1000.0]);
    assert_eq!(ticks(&[1.0, 10.0, 0.0, -5.0], true).first(), Some(&2.0));
    assert!(ticks(&[1e-300, 1e300], true).len() >= 3);
}

#[test]
fn no_values_are_too_odd_for_a_scale() {
    let odd = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        1e16,
        1e16 + 2.0,
        f64::NAN,
        f64::INFINITY,
    ];
    for log in [false, true] {
        for a in odd {
            for b in odd {
                let scale = Scale::of([a, b].into_iter(), log);
                let ticks = scale.ticks(5, false);
                assert!(ticks.len() < 20 && ticks.iter().all(|tick| tick.is_finite()), "{a} {b} {log}: {ticks:?}");
                for value in [a, b] {
                    let place = scale.place(value);
                    let expected = value.is_finite() && (!log || value > 0.0);
                    assert!(
                        place.is_some_and(|place| (0.0..=1.0).contains(&place)) || !expected,
                        "{a} {b} {log}: {place:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn gaps_break_a_curve_and_lonely_points_are_dots() {
    let curve = Curve { colour: 0, points: vec![(0.0, 1.0), (1.0, 2.0), (2.0, f64::NAN), (3.0, 3.0), (4.0, f64::NAN)] };
    let drawn = drawn(&curve, |(x, y)| y.is_finite().then_some((*x, *y)));
    assert_eq!(drawn, Drawn { path: "M0 1L1 2".to_owned(), lonely: vec![("3".to_owned(), "3".to_owned())] });
}

#[test]
fn labels() {
    for (value, expected) in [(0.0, "0"), (950.0, "950"), (1500.0, "1.5k"), (3e6, "3M"), (1e18, "1e18")] {
        assert_eq!(short(value), expected);
    }
    for (value, expected) in [(30.0, "30 s"), (600.0, "10 min"), (36_000.0, "10 h"), (864_000.0, "10 d")] {
        assert_eq!(seconds(value), expected);
    }
}

#[test]
fn a_chart_has_no_style_and_escapes_its_name() {
    let curves = [Curve { colour: 13, points: vec![(0.0, 1.0), (10.0, 5.0)] }];
    let chart = Chart { name: "\"><script>", curves: &curves, along: Along::Step, log: false };
    let svg = chart.render().into_string();
    assert!(!svg.contains("<script") && !svg.contains("style") && svg.contains("class=\"curve c3 again\""), "{svg}");
    assert!(svg.contains("d=\"M58 214L466 10\""), "{svg}");
}
