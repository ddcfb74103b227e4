"""Bootstrap draws: the same whoever computes which block, in whatever order."""

import numpy as np

from leadership_study.samples.resampling import block_sizes, row_weights, weight_blocks


def test_blocks_hold_100_replicates():
    assert block_sizes(250) == [100, 100, 50]
    assert block_sizes(100) == [100]


def test_a_block_does_not_depend_on_the_others():
    whole = list(weight_blocks(20, 250, 3))
    backwards = [row_weights(20, size, 3, block) for block, size in reversed(list(enumerate(block_sizes(250))))]
    for one, other in zip(whole, reversed(backwards), strict=True):
        assert (one == other).all()


def test_more_replicates_begin_with_the_fewer():
    fewer, more = np.vstack(list(weight_blocks(20, 130, 3))), np.vstack(list(weight_blocks(20, 300, 3)))
    assert (more[:130] == fewer).all()


def test_each_replicate_draws_as_many_rows_and_blocks_differ():
    first, second = list(weight_blocks(20, 200, 3))
    assert (first.sum(axis=1) == 20).all()
    assert (first != second).any()


def test_whole_clusters_are_drawn():
    clusters = np.array([0, 0, 1, 2, 2, 2])
    weights = row_weights(6, 50, 1, 0, clusters=clusters)
    assert (weights[:, [0, 3]] == weights[:, [1, 4]]).all()
    assert (weights[:, 0] + weights[:, 2] + weights[:, 3] == 3).all()
