//! Every mistake of a value, not only the first: serde stops at one, so that one is put right for the time being and the
//! value is read again.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use serde_yaml::Value;

/// No value has more mistakes than this shown.
const SHOWN: usize = 50;

/// One thing that keeps a value from being read.
#[derive(Debug)]
pub(super) struct Mistake {
    /// Where it is.
    pub(super) path: Vec<Step>,
    /// A key of the mapping at `path` that should not be there.
    pub(super) unknown_key: Option<String>,
    /// What serde says.
    pub(super) reason: String,
    /// A key of the mapping at `path` that should be there.
    missing_key: Option<String>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a mapping.
    Key(String),
    /// Into a list.
    Item(usize),
}

/// Reads a value, or finds all that is wrong with it.
pub(super) fn decode<T: DeserializeOwned>(mut value: Value) -> Result<T, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut next = match read::<T>(&value) {
        Ok(read) => return Ok(read),
        Err(mistake) => Some(mistake),
    };
    while let Some(mistake) = next.take().filter(|_| mistakes.len() < SHOWN) {
        let repaired = repair::<T>(&mut value, &mistake);
        mistakes.push(mistake);
        if repaired {
            next = read::<T>(&value).err();
        }
    }
    Err(mistakes)
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Mistake> {
    serde_path_to_error::deserialize::<_, T>(value.clone()).map_err(|error| {
        let mut path: Vec<Step> = error.path().iter().filter_map(step).collect();
        let reason = error.inner().to_string();
        let named = |start: &str| reason.strip_prefix(start)?.split('`').next().map(str::to_owned);
        let unknown_key = named("unknown field `");
        let missing_key = named("missing field `");
        // Sometimes the path ends at the key itself.
        if let (Some(key), Some(Step::Key(last))) = (&unknown_key, path.last())
            && key == last
            && value_at(value, &path).is_some_and(|value| value.get(key).is_none())
        {
            path.pop();
        }
        Mistake { path, unknown_key, missing_key, reason }
    })
}

fn step(segment: &Segment) -> Option<Step> {
    match segment {
        Segment::Seq { index } => Some(Step::Item(*index)),
        Segment::Map { key } => Some(Step::Key(key.clone())),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

/// The value at a path, where there is one.
pub(super) fn value_at<'v>(value: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Item(index) => value.get(*index),
        Step::Key(key) => value.get(key.as_str()),
    })
}

fn place<'v>(value: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Item(index) => value.get_mut(*index),
        Step::Key(key) => value.get_mut(key.as_str()),
    })
}

/// Puts one mistake right; false where that is not possible.
fn repair<T: DeserializeOwned>(value: &mut Value, mistake: &Mistake) -> bool {
    let mut path = mistake.path.clone();
    if let Some(key) = &mistake.unknown_key {
        let mapping = place(value, &path).and_then(Value::as_mapping_mut);
        return mapping.is_some_and(|mapping| mapping.remove(key.as_str()).is_some());
    }
    if let Some(key) = &mistake.missing_key {
        let Some(mapping) = place(value, &path).and_then(Value::as_mapping_mut) else { return false };
        mapping.insert(Value::String(key.clone()), Value::Null);
        path.push(Step::Key(key.clone()));
    }
    if path.is_empty() {
        return false;
    }
    stand_ins(&mistake.reason).into_iter().any(|stand_in| {
        let Some(place) = place(value, &path) else { return false };
        *place = stand_in;
        read::<T>(value).err().is_none_or(|next| !next.path.starts_with(&path))
    })
}

/// Values one of which is likely to fit, whatever the type.
fn stand_ins(reason: &str) -> Vec<Value> {
    let texts = ["x", "2026-01-01", "2026-01-01T00:00:00Z", "UTC"].into_iter();
    // "unknown variant `x`, expected one of `a`, `b`"
    let words = reason.split('`').skip(3).step_by(2).take(1);
    let mut all = vec![Value::Null];
    all.extend(texts.chain(words).map(|text| Value::String(text.to_owned())));
    all.extend([Value::Bool(true), Value::from(1), Value::Sequence(Vec::new()), Value::Mapping(Default::default())]);
    all
}
