"""What a learner decided: judgements and answers, and the file that keeps them."""

from course.ledger.case_ledger import CaseLedger
from course.ledger.contents import LedgerError
from course.ledger.judgement import Judgement, JudgementError
from course.ledger.ledger import Ledger, merge

__all__ = ["CaseLedger", "Judgement", "JudgementError", "Ledger", "LedgerError", "merge"]
