"""Lay modules that Python or the kernel may load later beside the notebook."""

from tests.hostile.attack import Attack

ATTACK = Attack(
    "graded",
    10,
    files={
        "json.py": "import os; os._exit(1)\n",
        "traceback.py": "import os; os._exit(1)\n",
        "signal.py": "import os; os._exit(1)\n",
        "random.py": "import os; os._exit(1)\n",
        "readline.py": "import os; os._exit(1)\n",
        "stack_data.py": "import os; os._exit(1)\n",
        "pytest.py": "import os; os._exit(1)\n",
    },
)
