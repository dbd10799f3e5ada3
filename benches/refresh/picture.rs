//! Draws the results as a chart: time and requests of a plan by number of policies.

use std::error::Error;
use std::ops::Range;
use std::path::Path;

use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, SeriesLabelPosition};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::PathElement;
use plotters::series::LineSeries;
use plotters::style::{Color, RGBColor, ShapeStyle, WHITE};

const SIZE: (u32, u32) = (900, 360);
const OURS: RGBColor = RGBColor(0, 90, 181);
const OFFLINE: RGBColor = RGBColor(130, 170, 215);
const FLOOR: RGBColor = RGBColor(120, 120, 120);
const FONT: &str = "sans-serif";

/// A plan of unchanged policies, the same plan without a refresh, and a plan of `terraform_data`.
#[derive(Clone, Copy)]
pub struct Point {
    pub policies: usize,
    pub seconds: f64,
    pub offline_seconds: f64,
    pub floor_seconds: f64,
    pub requests: usize,
}

/// One line of a chart.
struct Line {
    name: &'static str,
    color: RGBColor,
    points: Vec<(f64, f64)>,
}

/// Writes the chart as SVG. Replaces an existing file.
pub fn draw(file: &Path, points: &[Point]) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let (left, right) = area.split_horizontally(SIZE.0 / 2);
    let line = |name, color, value: fn(&Point) -> f64| Line {
        name,
        color,
        points: points.iter().map(|point| (as_number(point.policies), value(point))).collect(),
    };
    let times = [
        line("defender_atp_assignment", OURS, |point| point.seconds),
        line("the same, -refresh=false", OFFLINE, |point| point.offline_seconds),
        line("terraform_data", FLOOR, |point| point.floor_seconds),
    ];
    let requests = [line("defender_atp_assignment", OURS, |point| as_number(point.requests))];
    chart(&left, "Plan, nothing changed: wall time", "seconds", &times)?;
    chart(&right, "Plan, nothing changed: HTTP requests", "requests", &requests)?;
    area.present()?;
    Ok(())
}

fn chart(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    title: &str,
    unit: &str,
    lines: &[Line],
) -> Result<(), Box<dyn Error>> {
    let mut chart = ChartBuilder::on(area)
        .caption(title, (FONT, 18))
        .margin(14)
        .x_label_area_size(40)
        .y_label_area_size(52)
        .build_cartesian_2d(range(lines, |(x, _)| *x), range(lines, |(_, y)| *y))?;
    chart
        .configure_mesh()
        .x_desc("policies")
        .y_desc(unit)
        .x_labels(6)
        .y_labels(8)
        .label_style((FONT, 13))
        .x_label_formatter(&|x| format!("{x:.0}"))
        .draw()?;
    for Line { name, color, points } in lines {
        let style = ShapeStyle::from(*color).stroke_width(2);
        chart
            .draw_series(LineSeries::new(points.iter().copied(), style).point_size(4))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .label_font((FONT, 13))
        .background_style(WHITE.mix(0.8))
        .border_style(FLOOR)
        .draw()?;
    Ok(())
}

/// From zero to slightly above the largest value.
fn range(lines: &[Line], coordinate: fn(&(f64, f64)) -> f64) -> Range<f64> {
    let largest = lines.iter().flat_map(|line| &line.points).map(coordinate).fold(0.0, f64::max);
    0.0..largest * 1.1
}

#[allow(clippy::cast_precision_loss, reason = "numbers of policies and requests are small")]
fn as_number(count: usize) -> f64 {
    count as f64
}
