//! The texts that `probe` prints. Sends nothing.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::auth::Explanation;
use crate::graph::Error;
use crate::terraform::diagnostic::Diagnostics;

use super::access::Halt;
use super::options::ProbeOptions;
use super::question::{Answer, Question, Verdict};
use super::topics::TOPICS;

/// Everything that a report is about.
pub struct Report<'a> {
    /// The root address of Microsoft Graph in the cloud in use.
    pub graph_root: &'a str,
    /// The name of the policies.
    pub name: &'a str,
    /// The answers, in the order of the questions.
    pub answers: &'a [Answer],
    /// Why not all questions were asked.
    pub halt: Option<&'a Halt>,
    /// The ids of policies that could not be deleted.
    pub left_behind: &'a [String],
    /// Whether a create got no answer and its policy was not found.
    pub lost_create: bool,
}

/// What a probe would do.
pub fn dry_run(options: &ProbeOptions, name: &str) -> String {
    let count: usize = TOPICS.iter().map(|topic| topic.questions.len()).sum();
    let mut text = format!(
        "With --yes, the probe asks Microsoft Graph {count} questions in the tenant that the environment signs in to. It\n\
         creates policies that are called\n\n    {name}\n\n\
         and deletes them at the end. They are never assigned to all devices or all users.{}\n\
         Nothing has been sent yet.\n",
        groups(options)
    );
    for topic in &TOPICS {
        let _ = write!(text, "\n{}\n", topic.name);
        for question in topic.questions {
            let assumed = if question.assumed.is_empty() { "(nothing)" } else { question.assumed };
            let _ = writeln!(text, "    {}\n        assumed: {assumed}", question.text);
        }
    }
    text
}

fn groups(options: &ProbeOptions) -> String {
    match options.groups.as_slice() {
        [] => " Without --group they are not assigned to any group either, and many questions are skipped."
            .to_owned(),
        groups => format!(" They are assigned to {} only, which must have no members.", groups.join(" and ")),
    }
}

/// Inputs that are missing, invalid or in conflict.
pub fn invalid_inputs(diagnostics: &Diagnostics) -> String {
    let mut text =
        String::from("Not signed in: the environment variables do not configure a sign-in method.\n");
    for diagnostic in diagnostics {
        let _ = write!(text, "\n{}\n{}\n", diagnostic.summary, diagnostic.detail);
    }
    text
}

impl Report<'_> {
    /// The table.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut answers = self.answers.iter();
        for topic in &TOPICS {
            let _ = writeln!(text, "{}", topic.name);
            for (question, answer) in topic.questions.iter().zip(answers.by_ref()) {
                text.push_str(&line(question, answer));
            }
            text.push('\n');
        }
        let count = |verdict| self.verdicts().filter(|found| *found == verdict).count();
        let _ = writeln!(
            text,
            "{} questions: {} answers as assumed, {} different, {} new, {} not asked",
            self.answers.len(),
            count(Verdict::AsAssumed),
            count(Verdict::Differs),
            count(Verdict::New),
            count(Verdict::NotAsked),
        );
        text.push_str(&self.ending());
        text
    }

    /// The same as JSON. `semantics` holds only the settings of the emulator that the answers determine.
    pub fn json(&self) -> String {
        let questions = TOPICS.iter().flat_map(|topic| topic.questions);
        let mut semantics = Map::new();
        let mut answered = Vec::new();
        for (question, answer) in questions.zip(self.answers) {
            if let Some((name, value)) = question.settled(answer) {
                let value = value.parse::<bool>().map_or_else(|_| json!(value), Value::Bool);
                semantics.insert(name.to_owned(), value);
            }
            answered.push(entry(question, answer));
        }
        let document = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "cloud": self.graph_root,
            "semantics": semantics,
            "questions": answered,
            "ending": self.ending().trim_end(),
            "leftBehind": self.left_behind,
        });
        format!("{document:#}\n")
    }

    fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        let questions = TOPICS.iter().flat_map(|topic| topic.questions);
        questions.zip(self.answers).map(|(question, answer)| question.verdict(answer))
    }

    /// What ended the probe early, and what it left behind; empty if nothing is wrong.
    fn ending(&self) -> String {
        let mut text = match self.halt {
            None => String::new(),
            Some(Halt::Interrupted) => "Interrupted. No further question was asked.\n".to_owned(),
            Some(Halt::Impossible(reason)) => format!("{reason}\n"),
            Some(Halt::Unusable(error)) => unusable(error),
        };
        if self.lost_create {
            let _ = writeln!(
                text,
                "A create got no answer, and the policy that it may have created was not found. Check later for a policy \
                 called {:?}, and delete it by hand.",
                self.name
            );
        }
        if !self.left_behind.is_empty() {
            let _ = writeln!(
                text,
                "These policies could not be deleted. Delete them by hand; they are called {:?}:\n    {}",
                self.name,
                self.left_behind.join("\n    ")
            );
        }
        text
    }
}

fn unusable(error: &Error) -> String {
    match error {
        Error::NotSignedIn(cause) => {
            let explanation = Explanation::from_error(cause);
            format!("Not signed in: {}\n{explanation}\n", explanation.summary)
        }
        error => format!("The probe ended: {error}\nRun \"terraform-provider-defender check\" to see why.\n"),
    }
}

fn line(question: &Question, answer: &Answer) -> String {
    let verdict = question.verdict(answer);
    match answer {
        Answer::NotAsked(reason) => format!("    -  {}: not asked, {reason}\n", question.text),
        Answer::Observed(observed) if verdict == Verdict::AsAssumed => {
            format!("    =  {}: {observed}\n", question.text)
        }
        Answer::Observed(observed) if verdict == Verdict::New => {
            format!("    +  {}: {observed}\n", question.text)
        }
        Answer::Observed(observed) => {
            format!(
                "    *  {}\n           assumed:  {}\n           observed: {observed}\n",
                question.text, question.assumed
            )
        }
    }
}

fn entry(question: &Question, answer: &Answer) -> Value {
    let result = match question.verdict(answer) {
        Verdict::AsAssumed => "asAssumed",
        Verdict::Differs => "differs",
        Verdict::New => "new",
        Verdict::NotAsked => "notAsked",
    };
    let (observed, reason) = match answer {
        Answer::Observed(observed) => (Some(observed), None),
        Answer::NotAsked(reason) => (None, Some(reason)),
    };
    json!({
        "id": question.id,
        "question": question.text,
        "assumed": Some(question.assumed).filter(|assumed| !assumed.is_empty()),
        "observed": observed,
        "reason": reason,
        "result": result,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_and_choices_are_unique_and_assumptions_are_among_the_values() {
        let questions: Vec<&Question> = TOPICS.iter().flat_map(|topic| topic.questions).collect();
        let ids: HashSet<&str> = questions.iter().map(|question| question.id).collect();
        assert_eq!(ids.len(), questions.len());
        let choices: Vec<_> = questions.iter().filter_map(|question| question.choice).collect();
        let names: HashSet<&str> = choices.iter().map(|choice| choice.name).collect();
        assert_eq!(names.len(), choices.len());
        for question in questions.iter().filter(|question| question.choice.is_some()) {
            let answer = Answer::Observed(question.assumed.to_owned());
            assert!(question.settled(&answer).is_some(), "{}", question.id);
        }
    }
}
