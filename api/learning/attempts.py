"""Quiz attempts: scored by the server, numbered in order, the same id once."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core import events
from api.core.errors import Conflict, ProblemError
from api.courses.models import CourseVersion, Question
from api.learning.models import QuizAttempt
from api.learning.quiz_schemas import AnswerIn, AttemptIn, ResponseIn
from api.learning.scoring import Answer, Item, Response, response_fault, score_attempt
