//! For people: a table where there is room for one, and what to do about what
//! is wrong.

use std::borrow::Cow;

use console::{Style, Term, measure_text_width};
use iceflix_service::log::shown;

use super::model::{Platform, Service, State};
use crate::command::age;

/// What is printed on.
#[derive(Debug)]
pub(super) struct Screen {
    /// How many characters fit into a line; `None` for any number.
    width: Option<usize>,
    colours: bool,
}

impl Screen {
    /// The terminal, or whatever else standard output is. `NO_COLOR` is
    /// respected.
    pub(super) fn of_stdout() -> Self {
        let term = Term::stdout();
        Self {
            width: term.is_term().then(|| width(&term)),
            colours: term.is_term() && console::colors_enabled(),
        }
    }
}

/// How wide a terminal is, also one that does not know its height.
fn width(term: &Term) -> usize {
    let told = term.size_checked().map(|(_, width)| usize::from(width));
    let set = || std::env::var("COLUMNS").ok()?.parse().ok();
    told.or_else(set).unwrap_or(USUAL_WIDTH)
}

/// That of a terminal that does not say.
const USUAL_WIDTH: usize = 80;

const HEAD: [&str; 6] = ["KIND", "ID", "STATE", "AGE", "HOLDS", "PROXY"];
const STATE: usize = 2;

/// How much of an id is enough to tell services apart where room is scarce.
const SHORT_ID: usize = 8;

/// Below what stands beside a name where each thing has a line.
const HANGING: &str = "       ";

/// All of it, with one line break at its end.
pub(super) fn render(platform: &Platform, screen: &Screen) -> String {
    let rows = |whole_ids| -> Vec<_> {
        let services = platform.services.iter();
        services.map(|one| cells(one, whole_ids)).collect()
    };
    let fits = |rows: &[[String; 6]]| screen.width.is_none_or(|width| width_of(rows) <= width);
    let (wide, narrow) = (rows(true), rows(false));
    let mut lines = if fits(&wide) {
        columns(platform, &wide, screen)
    } else if fits(&narrow) {
        columns(platform, &narrow, screen)
    } else {
        blocks(platform, &wide, screen)
    };
    let remarks = remarks(platform);
    if !remarks.is_empty() {
        lines.push(String::new());
        lines.extend(
            remarks
                .iter()
                .flat_map(|remark| wrapped(remark, "", screen)),
        );
    }
    lines.push(String::new());
    lines.join("\n")
}

fn cells(service: &Service, whole_id: bool) -> [String; 6] {
    let id = match (service.id.as_str(), whole_id) {
        ("", _) => "?".to_owned(),
        (id, true) => shown(id),
        (id, false) => shown(id).chars().take(SHORT_ID).collect(),
    };
    let age = match (&service.report, service.known) {
        (Some(report), _) => age::told(report.age),
        (None, Some(known)) => format!("> {}", age::told(known)),
        (None, None) => "?".to_owned(),
    };
    let holds = match &service.report {
        Some(report) => {
            // That there is nothing left to be read is as it should be.
            let holds = report
                .holds
                .iter()
                .filter(|(what, count)| what != "unread" || *count > 0);
            let told = holds.map(|(what, count)| format!("{} {count}", shown(what)));
            told.collect::<Vec<_>>().join(", ")
        }
        None => "?".to_owned(),
    };
    [
        shown(&service.kind),
        id,
        service.state.name().to_owned(),
        age,
        holds,
        shown(&service.proxy),
    ]
}

fn widths(rows: &[[String; 6]]) -> [usize; 6] {
    let mut widths = HEAD.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(measure_text_width(cell));
        }
    }
    widths
}

fn width_of(rows: &[[String; 6]]) -> usize {
    widths(rows).iter().sum::<usize>() + 2 * (HEAD.len() - 1)
}

fn columns(platform: &Platform, rows: &[[String; 6]], screen: &Screen) -> Vec<String> {
    let widths = widths(rows);
    let line = |cells: [&str; 6], state: Option<State>| {
        let mut line = String::new();
        for (number, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let gap = " ".repeat(width.saturating_sub(measure_text_width(cell)) + 2);
            match state {
                Some(state) if number == STATE => line += &coloured(cell, state, screen),
                _ => line += cell,
            }
            line += &gap;
        }
        line.truncate(line.trim_end().len());
        line
    };
    let mut lines = vec![line(HEAD, None)];
    for (service, row) in platform.services.iter().zip(rows) {
        lines.push(line(
            row.each_ref().map(String::as_str),
            Some(service.state),
        ));
    }
    lines
}

/// Where a line has no room for a service, each thing has a line.
fn blocks(platform: &Platform, rows: &[[String; 6]], screen: &Screen) -> Vec<String> {
    let mut lines = Vec::new();
    for (service, row) in platform.services.iter().zip(rows) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        for (number, (head, cell)) in HEAD.iter().zip(row).enumerate() {
            let head = head.to_lowercase();
            match cell.as_str() {
                "" => {}
                cell if number == STATE => {
                    lines.push(format!(
                        "{head:5}  {}",
                        coloured(cell, service.state, screen)
                    ));
                }
                cell => {
                    let line = format!("{head:5}  {cell}");
                    lines.extend(wrapped(&line, HANGING, screen));
                }
            }
        }
    }
    lines
}

/// A text in as many lines as it takes, the further ones begun by `indent`.
fn wrapped(text: &str, indent: &str, screen: &Screen) -> Vec<String> {
    let Some(width) = screen.width else {
        return vec![text.to_owned()];
    };
    let options = textwrap::Options::new(width)
        .subsequent_indent(indent)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let lines = textwrap::wrap(text, options).into_iter();
    lines.map(Cow::into_owned).collect()
}

fn coloured(cell: &str, state: State, screen: &Screen) -> String {
    let style = match state {
        State::Up => Style::new().green(),
        State::NotReady => Style::new().yellow(),
        State::NoAnswer => Style::new().red(),
    };
    style
        .force_styling(screen.colours)
        .apply_to(cell)
        .to_string()
}

/// A line for each thing that is wrong or unknown, with what to do.
fn remarks(platform: &Platform) -> Vec<String> {
    let mut remarks: Vec<String> = platform
        .missing()
        .into_iter()
        .map(|kind| {
            let command = match kind {
                "authentication" => "auth",
                "streaming" => "streaming DIRECTORY",
                kind => kind,
            };
            format!(
                "No {kind} service answers: `iceflix up` starts it again by itself where it runs, \
                 otherwise `iceflix {command}` does."
            )
        })
        .collect();
    for service in &platform.services {
        let name = name(service);
        let problems = service.report.iter().flat_map(|report| &report.problems);
        for problem in problems {
            remarks.push(match problem.as_str() {
                "broker" => format!(
                    "{name} hears nothing from the broker, and goes on without it: is `iceflix icestorm` running?"
                ),
                "start" => format!("{name} is still starting."),
                "stop" => format!("{name} is stopping."),
                problem => format!(
                    "{name} cannot do its work, for want of its {}: its log says why.",
                    shown(problem)
                ),
            });
        }
        match (service.state, &service.report) {
            (State::NoAnswer, _) if service.known.is_none() => {
                remarks.push(format!("{name} does not answer: it is not running, or hangs."));
            }
            (State::NoAnswer, _) => remarks.push(format!(
                "{name} does not answer: it has just gone, or hangs. Nobody is sent there once that is noticed."
            )),
            (State::Up, None) => remarks.push(format!(
                "{name} is of another make: it answers, and tells nothing of itself."
            )),
            _ => {}
        }
    }
    if !platform.complete {
        remarks.push(
            "A Main of another make tells only of the services that it handed out now.".to_owned(),
        );
    }
    remarks
}

fn name(service: &Service) -> String {
    let kind = shown(&service.kind);
    let id: String = shown(&service.id).chars().take(SHORT_ID).collect();
    match id.as_str() {
        "" => format!("{kind} at {}", shown(&service.proxy)),
        id => format!("{kind} {id}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::model::Report, *};

    fn service(kind: &str, id: &str, report: Option<Report>) -> Service {
        Service {
            kind: kind.to_owned(),
            id: id.to_owned(),
            proxy: format!("{kind}:tcp -h 127.0.0.1 -p 9090"),
            state: match &report {
                Some(report) if report.problems.is_empty() => State::Up,
                Some(_) => State::NotReady,
                None => State::NoAnswer,
            },
            known: Some(Duration::from_secs(312)),
            report,
        }
    }

    fn report(problems: &[&str]) -> Report {
        Report {
            version: "1.0.0".to_owned(),
            pid: 1,
            age: Duration::from_secs(3),
            problems: problems.iter().map(|&one| one.to_owned()).collect(),
            holds: vec![("titles".to_owned(), 12)],
        }
    }

    fn platform() -> Platform {
        let id = "0123456789abcdef";
        Platform {
            services: vec![
                service("main", id, Some(report(&[]))),
                service("authentication", id, Some(report(&[]))),
                service("catalog", id, Some(report(&["database"]))),
                service("streaming", "\u{1b}[2J", None),
            ],
            complete: true,
        }
    }

    fn on(width: Option<usize>) -> String {
        let screen = Screen {
            width,
            colours: false,
        };
        render(&platform(), &screen)
    }

    #[test]
    fn what_is_wrong_is_told_below_the_table() {
        let expected = "\
KIND            ID                STATE      AGE       HOLDS      PROXY
main            0123456789abcdef  up         3s        titles 12  main:tcp -h 127.0.0.1 -p 9090
authentication  0123456789abcdef  up         3s        titles 12  authentication:tcp -h 127.0.0.1 -p 9090
catalog         0123456789abcdef  not ready  3s        titles 12  catalog:tcp -h 127.0.0.1 -p 9090
streaming       \\u{1b}[2J         no answer  > 5m 12s  ?          streaming:tcp -h 127.0.0.1 -p 9090

No streaming service answers: `iceflix up` starts it again by itself where it runs, otherwise `iceflix streaming DIRECTORY` does.
catalog 01234567 cannot do its work, for want of its database: its log says why.
streaming \\u{1b}[2 does not answer: it has just gone, or hangs. Nobody is sent there once that is noticed.
";
        assert_eq!(on(None), expected);
    }

    #[test]
    fn ids_are_shortened_before_the_table_is_given_up() {
        assert_eq!(on(Some(200)), on(None));
        let table = on(Some(100));
        assert!(
            table.contains("catalog         01234567  not ready"),
            "{table}"
        );
        let blocks = on(Some(60));
        assert!(
            blocks.starts_with("kind   main\nid     0123456789abcdef\nstate  up\n"),
            "{blocks}"
        );
        assert!(blocks.contains("\n\nkind   authentication\n"), "{blocks}");
        let narrow = on(Some(30));
        assert!(
            narrow.contains("\nproxy  main:tcp -h 127.0.0.1\n       -p 9090\n"),
            "{narrow}"
        );
        assert!(narrow.lines().all(|line| line.len() <= 30), "{narrow}");
    }

    #[test]
    fn states_have_colours_where_they_are_wanted() {
        let screen = Screen {
            width: None,
            colours: true,
        };
        let table = render(&platform(), &screen);
        assert!(
            table.contains("\u{1b}[32mup\u{1b}[0m         3s"),
            "{table}"
        );
        assert!(table.contains("\u{1b}[31mno answer\u{1b}[0m  >"), "{table}");
    }
}
