"""Jupyter's own conformance tests: all twelve, and the welcome on iopub."""

import unittest

import jupyter_kernel_test
from snippets import KERNEL, SAY


class TestKernel(jupyter_kernel_test.KernelTests):
    kernel_name = KERNEL
    language_name = SAY.language
    file_extension = SAY.extension
    code_hello_world = SAY.hello
    code_stderr = SAY.stderr
    code_generate_error = SAY.error
    code_page_something = SAY.page
    code_clear_output = SAY.clear
    code_display_data = [{"code": SAY.display, "mime": "text/html"}]
    code_execute_result = [
        {"code": SAY.result, "result": "42"},
        {"code": SAY.half_result, "result": "21"},
    ]
    code_inspect_sample = SAY.inspect
    completion_samples = [{"text": SAY.completion, "matches": SAY.completed}]
    complete_code_samples = SAY.complete
    incomplete_code_samples = SAY.incomplete
    invalid_code_samples = SAY.invalid
    code_history_pattern = "6 ?*7"
    supported_history_operations = ("tail", "range", "search")


class TestWelcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = KERNEL
    support_iopub_welcome = True


def test_the_suite_is_the_one_we_know():
    """A new release may ask for more; it is to be read then, not passed over."""
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    assert load(TestKernel).countTestCases() == 12
    assert load(TestWelcome).countTestCases() == 1
