# Слова, которые стоят в файлах для людей.

import-reason = Почему не принято
import-field = Поле
import-scientific = Таблица сократила число (вида 1,23E+11): задайте столбцу текстовый формат и выгрузите ещё раз
import-lost-digits = Число длиннее, чем хранит таблица: последние цифры потеряны
import-unreadable = Буквы не читаются: выберите другую кодировку
import-bad-value = Поле не принимает такое значение
import-no-year = В дате нет года
import-no-such-record = С таким названием ничего нет
import-ambiguous = Подходит несколько записей
import-required = Не заполнено обязательное поле
import-not-allowed = Эту запись вам изменять нельзя
import-there = Уже есть, а нужны были только новые
import-not-there = Ещё нет, а нужны были только обновления
import-trashed = Лежит в корзине
import-too-large = Больше, чем помещается в запись
import-changed-meanwhile = Кто-то изменил запись, пока шла загрузка
import-damaged = Запись на этом устройстве пока не читается
export-yes = да
export-no = нет
