//! What the probe asks: questions as data, so that they can be shown before anything is sent.

/// A group of questions that are asked one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Topic {
    /// The heading.
    pub name: &'static str,
    /// The questions, in their order.
    pub questions: &'static [Question],
}

/// One question about the service.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Unique among all questions.
    pub id: &'static str,
    /// The request or the fact, in a few words.
    pub text: &'static str,
    /// The expected answer; empty if nothing is assumed.
    pub assumed: &'static str,
    /// What the answer settles, if it settles a choice of the emulator.
    pub choice: Option<Choice>,
}

/// A choice of the emulator for an open question.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// Its name in the emulator's semantics.
    pub name: &'static str,
    /// Pairs of an answer and the value that stands for it.
    pub values: &'static [(&'static str, &'static str)],
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// As the service gave it.
    Observed(String),
    /// The question was not asked, with the reason.
    NotAsked(String),
}

/// How an answer compares with what is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the assumed one.
    AsAssumed,
    /// It is another one.
    Differs,
    /// Nothing is assumed, and now there is an answer.
    New,
    /// There is no answer.
    NotAsked,
}

impl Question {
    /// Compares an answer with what is assumed.
    pub fn verdict(&self, answer: &Answer) -> Verdict {
        match answer {
            Answer::NotAsked(_) => Verdict::NotAsked,
            Answer::Observed(_) if self.assumed.is_empty() => Verdict::New,
            Answer::Observed(observed) if observed == self.assumed => Verdict::AsAssumed,
            Answer::Observed(_) => Verdict::Differs,
        }
    }

    /// The name and the value of the choice that an answer settles.
    pub fn settled(&self, answer: &Answer) -> Option<(&'static str, &'static str)> {
        let (choice, Answer::Observed(observed)) = (self.choice?, answer) else { return None };
        let (_, value) = choice.values.iter().find(|(text, _)| text == observed)?;
        Some((choice.name, value))
    }
}

/// A question whose answer is assumed.
pub(super) const fn assumed(id: &'static str, text: &'static str, assumed: &'static str) -> Question {
    Question { id, text, assumed, choice: None }
}

/// A question about which nothing is assumed.
pub(super) const fn open(id: &'static str, text: &'static str) -> Question {
    Question { id, text, assumed: "", choice: None }
}

/// A question that settles a choice of the emulator. The first value is the emulator's own.
pub(super) const fn choice(
    id: &'static str,
    text: &'static str,
    assumed: &'static str,
    name: &'static str,
    values: &'static [(&'static str, &'static str)],
) -> Question {
    Question { id, text, assumed, choice: Some(Choice { name, values }) }
}
