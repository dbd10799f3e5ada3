//! What holds for all targets: the order of lists and the case of ids make no difference, repetitions merge, and
//! contradictions are found wherever they are.

use serde_json::{Value as Json, json};

use crate::caller::{Caller, Refusal};
use crate::drawn::{FILTERS, GROUPS, any_list, canonical, cases, consistent_lists, respelled};

async fn combined(caller: &mut Caller, lists: &[&Json]) -> Json {
    let lists: Vec<Json> = lists.iter().map(|list| (*list).clone()).collect();
    caller.call("combine", &lists).await.unwrap_or_else(|refusal| panic!("{lists:?}: {refusal:?}"))
}

#[tokio::test]
async fn combine_commutes_and_is_associative_and_idempotent() {
    let mut caller = Caller::new().await;
    for mut rng in cases() {
        let [a, b, c] = consistent_lists(&mut rng);
        let all = combined(&mut caller, &[&a, &b, &c]).await;
        assert_eq!(all, combined(&mut caller, &[&c, &a, &b]).await);
        let left = combined(&mut caller, &[&a, &b]).await;
        assert_eq!(left, combined(&mut caller, &[&b, &a]).await);
        let right = combined(&mut caller, &[&b, &c]).await;
        assert_eq!(all, combined(&mut caller, &[&left, &c]).await);
        assert_eq!(all, combined(&mut caller, &[&a, &right]).await);
        assert_eq!(all, combined(&mut caller, &[&all]).await);
        assert_eq!(all, combined(&mut caller, &[&all, &all]).await);
        assert_eq!(all, combined(&mut caller, &[&all, &a]).await);
    }
    assert_eq!(combined(&mut caller, &[]).await, json!([]));
}

#[tokio::test]
async fn case_order_and_repetition_make_no_difference_to_combine() {
    let mut caller = Caller::new().await;
    for mut rng in cases() {
        let [a, b] = consistent_lists(&mut rng);
        let (other_a, other_b) = (respelled(&mut rng, &a), respelled(&mut rng, &b));
        let one = combined(&mut caller, &[&a, &b]).await;
        let other = combined(&mut caller, &[&other_b, &other_a]).await;
        assert_eq!(canonical(&one), canonical(&other));
        let mixed = combined(&mut caller, &[&a, &other_a, &b]).await;
        assert_eq!(mixed, combined(&mut caller, &[&b, &other_a, &a]).await);
    }
}

/// One meaning for each identity: the group's id or the type, and everything else.
fn is_consistent(lists: &[&Json]) -> bool {
    let targets = lists.iter().flat_map(|list| list.as_array().unwrap());
    let meanings: Vec<(String, String)> = targets
        .map(|target| {
            let identity = target["group_id"].as_str().or(target["type"].as_str()).unwrap();
            (identity.to_lowercase(), target.to_string().to_lowercase())
        })
        .collect();
    meanings.iter().all(|(identity, meaning)| {
        meanings.iter().all(|(other, other_meaning)| identity != other || meaning == other_meaning)
    })
}

#[tokio::test]
async fn combine_refuses_exactly_what_contradicts_itself() {
    let mut caller = Caller::new().await;
    let (mut accepted, mut refused) = (0, 0);
    for mut rng in cases() {
        let [a, b, c] = [any_list(&mut rng), any_list(&mut rng), any_list(&mut rng)];
        let one = caller.call("combine", &[a.clone(), b.clone(), c.clone()]).await;
        let other = caller.call("combine", &[c.clone(), b.clone(), a.clone()]).await;
        assert_eq!(one.is_ok(), is_consistent(&[&a, &b, &c]), "{a} {b} {c}: {one:?}");
        assert_eq!(one.is_ok(), other.is_ok());
        *if one.is_ok() { &mut accepted } else { &mut refused } += 1;
    }
    assert!(accepted > 20 && refused > 20, "{accepted} accepted, {refused} refused");
}

#[tokio::test]
async fn with_filter_puts_the_filter_on_all_inclusions_and_keeps_exclusions() {
    let mut caller = Caller::new().await;
    for mut rng in cases() {
        let [list] = consistent_lists(&mut rng);
        let arguments = [list.clone(), json!(FILTERS[0].to_uppercase()), json!("include")];
        let is_other = |target: &Json| target["filter_id"] == FILTERS[1];
        match caller.call("with_filter", &arguments).await {
            Ok(set) => {
                assert!(!list.as_array().unwrap().iter().any(is_other));
                for target in set.as_array().unwrap() {
                    let filter = target["filter_id"].as_str().map(str::to_lowercase);
                    let is_exclusion = target["type"] == "exclusionGroupAssignmentTarget";
                    assert_eq!(filter.as_deref(), (!is_exclusion).then_some(FILTERS[0]));
                }
                let again = [set.clone(), arguments[1].clone(), arguments[2].clone()];
                assert_eq!(caller.call("with_filter", &again).await, Ok(set));
            }
            Err(Refusal { text, argument }) => {
                assert_eq!(argument, Some(0));
                assert!(list.as_array().unwrap().iter().any(is_other));
                assert!(text.contains(FILTERS[1]), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn with_filter_and_combine_may_change_places() {
    let mut caller = Caller::new().await;
    for mut rng in cases() {
        let [a, b] = consistent_lists(&mut rng).map(|list: Json| without_filters(&list));
        let filter = [json!(FILTERS[0]), json!("exclude")];
        let mut filtered = async |list: Json| {
            caller.call("with_filter", &[list, filter[0].clone(), filter[1].clone()]).await.unwrap()
        };
        let (filtered_a, filtered_b) = (filtered(a.clone()).await, filtered(b.clone()).await);
        let both = combined(&mut caller, &[&a, &b]).await;
        let arguments = [both, filter[0].clone(), filter[1].clone()];
        assert_eq!(
            caller.call("with_filter", &arguments).await.unwrap(),
            combined(&mut caller, &[&filtered_a, &filtered_b]).await
        );
    }
}

fn without_filters(list: &Json) -> Json {
    let mut list = list.clone();
    for target in list.as_array_mut().unwrap() {
        target["filter_id"] = Json::Null;
        target["filter_type"] = Json::Null;
    }
    list
}

#[tokio::test]
async fn targets_merges_ids_and_equals_the_targets_written_out() {
    let mut caller = Caller::new().await;
    for mut rng in cases() {
        let (mut include, mut exclude) = (Vec::new(), Vec::new());
        for group in GROUPS {
            let list = if rng.bool() { &mut include } else { &mut exclude };
            list.extend(
                (0..rng.usize(..3)).map(|_| if rng.bool() { group.to_owned() } else { group.to_uppercase() }),
            );
        }
        let set = caller.call("targets", &[json!(include), json!(exclude)]).await.unwrap();
        rng.shuffle(&mut include);
        let reordered = caller.call("targets", &[json!(include), json!(exclude)]).await.unwrap();
        assert_eq!(canonical(&set), canonical(&reordered));
        let written = |ids: &[String], name: &str| -> Json {
            ids.iter().map(|id| json!({"type": name, "group_id": id})).collect()
        };
        let lists =
            [written(&include, "groupAssignmentTarget"), written(&exclude, "exclusionGroupAssignmentTarget")];
        assert_eq!(reordered, caller.call("combine", &lists).await.unwrap());
    }
}
