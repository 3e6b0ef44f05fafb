"""What runs inside the sandbox: the standard library alone, sent there as byte code.

`namespaces` builds the walls where no tool did, `walls` are those of one process, `warden` is the
sandbox's first process and watches, `program` is the process that a program is run in.
"""
