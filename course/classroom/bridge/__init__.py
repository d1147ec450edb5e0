"""What crosses between a learner's kernel and the referee's: data in a closed format, and nothing else.

A submission has two kernels. The *learner's kernel* runs everything but the graded checks; the *referee's kernel* runs
the locked cells as the instructor wrote them, and nothing of the learner's. A name that the referee does not know is
requested from the learner's kernel over a socket, and its value arrives as data.

The learner's kernel is not trusted: `encode` and `answering` run beside the learner's code, which can change them and
so only changes its own answers. `decode` runs in the referee's kernel, checks everything, and makes objects of a few
known types only; there is no pickle. What cannot cross arrives as one of `stand_ins`. `asking` is the referee's end of
the socket, and `namespace` the mapping in which the referee's cells find the learner's names.
"""
