//! Handles and arenas: what is not there is `None`, whatever number asks for it.

use sterna_crypto::arena::{Arena, Slots};

#[test]
fn handles_begin_with_1_and_are_given_out_again() {
    let mut slots = Slots::new();
    assert_eq!(slots.insert(Some('a')), 1);
    assert_eq!(slots.insert(Some('b')), 2);
    assert_eq!(slots.insert(None), 0);
    slots.remove(1);
    assert_eq!(slots.get(1), None);
    assert_eq!(slots.insert(Some('c')), 1);
    assert_eq!((slots.get(1).copied(), slots.get(2).copied()), (Some('c'), Some('b')));
}

#[test]
fn handles_that_nobody_has_name_nothing() {
    let mut slots = Slots::new();
    slots.insert(Some(7));
    for handle in [0, 2, 3, usize::MAX, usize::MAX - 1] {
        assert_eq!(slots.get(handle), None);
        slots.remove(handle);
    }
    assert_eq!(slots.get(1), Some(&mut 7));
}

#[test]
fn an_arena_begins_with_zeros_and_has_rows_of_any_width() {
    let mut arena = Arena::new(20, 10).unwrap();
    let (bytes, rows) = arena.batch::<6>(3).unwrap();
    assert_eq!((bytes.len(), rows.len()), (10, 3));
    assert!(bytes.iter().all(|byte| *byte == 0) && rows.as_flattened().iter().all(|n| *n == 0));
    assert!(arena.batch::<6>(4).is_none());
    assert!(arena.batch::<21>(1).is_none());
    assert_eq!(arena.batch::<21>(0).map(|(_, rows)| rows.len()), Some(0));
    assert!(arena.batch::<6>(usize::MAX).is_none());
}

#[test]
fn rows_of_two_kinds_do_not_overlap() {
    let mut arena = Arena::new(20, 0).unwrap();
    let (_, rows, others) = arena.batch_with::<2, 4>(3, 6).unwrap();
    rows.as_flattened_mut().fill(1);
    others.as_flattened_mut().fill(2);
    assert!(rows.as_flattened().iter().all(|number| *number == 1));
    assert!(arena.batch_with::<2, 4>(3, 5).is_none(), "rows into the others");
    assert!(arena.batch_with::<2, 4>(3, 9).is_none(), "others beyond the end");
    assert!(arena.batch_with::<2, 4>(0, 21).is_none());
    assert!(arena.batch_with::<2, 4>(0, usize::MAX).is_none());
}

#[test]
fn memory_that_is_not_there_is_none() {
    assert!(Arena::new(usize::MAX, 0).is_none());
    assert!(Arena::new(0, usize::MAX).is_none());
    assert!(Arena::new(usize::MAX / 4, 1).is_none());
}
