"""
The mails: one folder each, and the registry that finds them.

A folder holds ``spec.py`` with ``SPEC`` (see :class:`notify.domain.mail_spec.MailSpec`), ``subject.txt.j2``,
``body.txt.j2`` and ``body.mjml.j2``, and ``call.txt.j2`` with the words of the call if ``SPEC`` has one.
Nothing outside the folder names the mail: the specification says which facts the
mail follows from, when it is dropped, and what staff call it.
"""
