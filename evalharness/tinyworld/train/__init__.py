"""Training of the networks of the embedded world: ``python -m evalharness.tinyworld.train``.

Reads like this: ``pools`` render what is learnt from, ``loop`` trains anything, and ``oracle``,
``objects``, ``clip``, ``base`` (made of ``autoencoder``, ``text`` and ``flow``) and ``finetune``
each end in a folder of fp16 weights. Everything is seeded; a training that was stopped goes on from
its checkpoint. On two CPU cores everything takes about an hour; a GPU is used where there is one.

Set ``OMP_NUM_THREADS=1`` on a busy CPU: the flow already runs its batch in two threads.
"""
