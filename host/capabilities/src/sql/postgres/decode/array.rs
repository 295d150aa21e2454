//! Arrays of one dimension.

use watertight_sandbox::sql::ValueNode;

use super::super::message::Body;
use super::{Reader, Unreadable, push};

pub(super) fn read(
    element: &Reader,
    raw: &[u8],
    tape: &mut Vec<ValueNode>,
    left: &mut usize,
) -> Result<(), Unreadable> {
    let mut body = Body(raw);
    let head = (body.i32(), body.i32(), body.u32());
    let count = match head {
        (Some(0), ..) => 0,
        (Some(1), Some(_), Some(_)) => {
            let (count, _lower) = (body.i32(), body.i32());
            // Each has its length at least.
            count
                .and_then(|count| u32::try_from(count).ok())
                .filter(|count| *count as usize <= body.0.len() / 4)
                .ok_or_else(Unreadable::nonsense)?
        }
        (Some(dimensions), Some(_), Some(_)) if dimensions > 1 => {
            let value = format!("an array of {dimensions} dimensions");
            return Err(Unreadable::new(value, "only one can be; read the column as text"));
        }
        _ => return Err(Unreadable::nonsense()),
    };
    push(ValueNode::Elements(count), tape, left)?;
    for _ in 0..count {
        match body.value().ok_or_else(Unreadable::nonsense)? {
            None => push(ValueNode::Null, tape, left)?,
            Some(raw) => element.read(raw, tape, left)?,
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::sql::postgres::decode::Width;

    fn array(header: &[i32], elements: &[Option<i32>]) -> Vec<u8> {
        let mut raw: Vec<u8> = header.iter().flat_map(|part| part.to_be_bytes()).collect();
        for element in elements {
            match element {
                None => raw.extend_from_slice(&(-1_i32).to_be_bytes()),
                Some(value) => {
                    raw.extend_from_slice(&4_i32.to_be_bytes());
                    raw.extend_from_slice(&value.to_be_bytes());
                }
            }
        }
        raw
    }

    fn nodes(raw: &[u8]) -> Result<Vec<ValueNode>, Unreadable> {
        let mut tape = Vec::new();
        read(&Reader::Integer(Width::Four), raw, &mut tape, &mut 100).map(|()| tape)
    }

    #[test]
    fn elements_and_nulls_stand_in_their_order() {
        let raw = array(&[1, 1, 23, 3, 1], &[Some(7), None, Some(-1)]);
        let expected = [ValueNode::Elements(3), ValueNode::Integer(7), ValueNode::Null, ValueNode::Integer(-1)];
        assert_eq!(nodes(&raw).unwrap(), expected);
        assert_eq!(nodes(&array(&[0, 0, 23], &[])).unwrap(), [ValueNode::Elements(0)]);
    }

    #[test]
    fn an_array_has_no_more_room_than_its_row() {
        let raw = array(&[1, 0, 23, 7, 1], &[Some(7); 7]);
        assert!(nodes(&raw).unwrap_err().too_long);
    }

    #[test]
    fn arrays_of_arrays_and_broken_ones_are_refused() {
        let raw = array(&[2, 0, 23, 1, 1, 1, 1], &[Some(7)]);
        assert!(nodes(&raw).unwrap_err().value.contains("2 dimensions"));
        for raw in [vec![], array(&[1, 0, 23, i32::MAX, 1], &[]), array(&[1, 0, 23, 1, 1], &[Some(1)])[..22].to_vec()] {
            assert_eq!(nodes(&raw).unwrap_err(), Unreadable::nonsense());
        }
    }
}
