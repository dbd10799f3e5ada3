//! Decodes and encodes one state in MessagePack.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use terraform_provider_defender::protocol::msgpack;

use crate::in_process::{resource_type, state};
use crate::subject::{MANY, stored};

pub fn measure(criterion: &mut Criterion) {
    let ty = resource_type();
    let bytes = state(&stored(MANY)).msgpack;
    let value = msgpack::decode(&bytes, ty).unwrap();
    let mut group = criterion.benchmark_group("codec of 200 targets");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("decode", |bench| bench.iter(|| msgpack::decode(black_box(&bytes), ty).unwrap()));
    group.bench_function("encode", |bench| bench.iter(|| msgpack::encode(black_box(&value), ty).unwrap()));
    group.finish();
}
